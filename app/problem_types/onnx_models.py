"""ONNX models that cannot be read, or are computed differently here."""

from app.problem_types.kind import ProblemType

_EXPORT = "Export it again in one file: `torch.onnx.export(model.eval(), …, external_data=False)`."
_OR_WEIGHTS = f"{_EXPORT} Or upload the weights as safetensors."
_STRICT = "Only graphs that can be checked completely before they are run are accepted."


def _onnx(title: str, happened: str, why: str = _STRICT, do: str = _OR_WEIGHTS) -> ProblemType:
    return ProblemType(422, title, happened, why, do)


KINDS = {
    "onnx-structure": _onnx(
        "Malformed ONNX model", "The model cannot be read.", "The file is damaged or was not written by an exporter."
    ),
    "onnx-invalid": _onnx(
        "ONNX model does not run", "onnxruntime cannot run the model.", "The file is damaged or its graph is wrong."
    ),
    "onnx-version": _onnx(
        "Unsupported version of ONNX",
        "The model uses a format or an operator set that is not supported.",
        "It was exported by a much older or newer version.",
        "Export it with `opset_version=18`.",
    ),
    "onnx-too-large": _onnx("ONNX model too large", "The model has more operators, tensors or numbers than accepted."),
    "onnx-external-data": _onnx(
        "Weights in another file", "The model keeps its weights in another file.", "Only one file is uploaded.", _EXPORT
    ),
    "onnx-subgraph": _onnx(
        "Loop or branch in the model",
        "An operator of the model contains a graph (If, Loop or Scan).",
        "It could run without end.",
        "Export the model so that it neither loops nor branches.",
    ),
    "onnx-functions": _onnx(
        "Operators defined in the file",
        "The model defines its own operators.",
        "They could hide what is computed.",
        "Inline its functions before the export.",
    ),
    "onnx-training": _onnx("Training information", "The model contains training information."),
    "onnx-sparse": _onnx("Sparse tensors", "The model contains sparse tensors."),
    "onnx-type": _onnx("Unsupported number type", "A tensor of the model has a type that is not supported."),
    "onnx-operator": _onnx(
        "Unsupported operator",
        "The model uses operators or attributes that are not supported, or that cannot be computed.",
        "Exhume computes the model with its own operators, to get gradients.",
    ),
    "onnx-input": _onnx(
        "Unsuitable input",
        "The model does not have one input of images as the release describes them.",
        "An audit feeds the model images of one size.",
        "Create the release with the size and channels of the model, or export it again.",
    ),
    "onnx-outputs": _onnx(
        "Unsuitable outputs",
        "The model does not have one output with a score for each class.",
        "An audit reads one score for each class and image.",
        "Export the output of the last layer alone.",
    ),
    "onnx-fixed-batch": _onnx(
        "Fixed number of images",
        "The model computes a fixed number of images at once.",
        "An audit runs it with batches of different sizes.",
        "Export it with a dynamic first dimension: `dynamic_axes={'input': {0: 'batch'}}`.",
    ),
    "onnx-architecture": _onnx(
        "Architecture for another kind of file",
        "The release names an architecture that does not go with this kind of file.",
        "An ONNX model has its own graph. Other files need the name of an architecture.",
        "Create the release with the architecture `auto`.",
    ),
    "onnx-disagrees": _onnx(
        "Outputs differ from onnxruntime",
        "The outputs that Exhume computes differ from those of onnxruntime.",
        "The model would not be audited as it is used.",
    ),
}
