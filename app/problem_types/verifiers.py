"""Verifiers: uploaded files that embed no images, and audits that name unsuitable ones."""

from app.problem_types.kind import ProblemType

_EXPORT = "Export an embedder of images: `torch.onnx.export(model.eval(), …)`."

KINDS = {
    "not-onnx": ProblemType(
        422,
        "Verifier is not an ONNX model",
        "The file is not an ONNX model.",
        "A verifier is one ONNX model that turns an image into an embedding.",
        _EXPORT,
    ),
    "verifier-run": ProblemType(
        422,
        "Verifier does not run",
        "onnxruntime cannot run the verifier on images.",
        "The model is damaged, or it needs images other than those described.",
        "Check size, channels and convention, and export it again.",
    ),
    "verifier-output": ProblemType(
        422,
        "Unsuitable output of the verifier",
        "The verifier has several outputs, or its embedding has an unusual length.",
        "A verifier returns one embedding for each image.",
        "Export the embedding alone.",
    ),
    "verifier-constant": ProblemType(
        422,
        "Embedding hardly changes",
        "The verifier returns nearly the same embedding for very different images.",
        "It cannot tell people apart: the weights are untrained, or the convention is wrong.",
        "Check that the trained weights were exported, and the mean and std of its input.",
    ),
    "verifier-batch": ProblemType(
        422,
        "Embedding depends on other images",
        "The embedding of an image changes with the other images of its batch.",
        "The model was exported in training mode.",
        _EXPORT,
    ),
    "verifier_channels": ProblemType(
        422,
        "Verifier for other channels",
        "The verifier takes grey images and the release colour images, or the reverse.",
        "A verifier gets the same images as the release.",
        "Choose a verifier for images of this kind.",
    ),
    "verifier_size": ProblemType(
        422,
        "Verifier for another image size",
        "The bundled verifier takes images of another size than the release.",
        "Bundled verifiers were trained for images of one size.",
        "Choose other verifiers, or upload your own.",
    ),
    "same_verifier_twice": ProblemType(
        422,
        "Same verifier twice",
        "Two of the chosen verifiers are the same file.",
        "Two opinions need two different models.",
        "Choose another verifier for one of them.",
    ),
    "same_verifier_name": ProblemType(
        422,
        "Two verifiers with the same name",
        "Two of the chosen verifiers have the same name.",
        "The result names its figures by verifier.",
        "Upload one of them again under another name.",
    ),
    "verifier_changed": ProblemType(
        409,
        "Verifier changed",
        "The stored verifier is not the one with which the audit was planned.",
        "Its file was replaced or damaged in the object store.",
        "Restore it from a backup, or upload it again and start a new audit.",
    ),
}
