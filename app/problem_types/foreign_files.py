"""Files that are not checkpoints, or that carry code."""

from app.problem_types.kind import ProblemType

_ACCEPTED = "A checkpoint is a .safetensors file, an ONNX model, or a PyTorch state_dict of version 1.6 or newer."
_SAVE = "Save the weights where the model was trained: `safetensors.torch.save_file(model.state_dict(), …)`."
_EXPORT = "Export the classifier as ONNX, or load its weights into the PyTorch architecture and save them."
_CODE = "Opening it would run code, and Exhume never runs code from a file."


def _other(title: str, happened: str, do: str, why: str = _ACCEPTED) -> ProblemType:
    return ProblemType(422, title, happened, why, do)


KINDS = {
    "empty-file": _other(
        "Empty file", "The file has 0 bytes.", "Check that the export or packing finished, and upload it again."
    ),
    "html": _other(
        "Web page instead of a file",
        "The file is a web page.",
        "Sign in at the site it was downloaded from, and fetch the real file.",
        "The download was answered with a sign-in page or an error.",
    ),
    "lfs-pointer": _other(
        "Git LFS pointer",
        "The file is three lines of text instead of the checkpoint.",
        "Run `git lfs pull` and upload the file that it downloads.",
        "The repository was cloned without Git LFS.",
    ),
    "pickle": _other("Python pickle", "The file is a Python pickle.", _SAVE, _CODE),
    "joblib": _other("joblib file", "The file is a joblib file, which is a pickle.", _EXPORT, _CODE),
    "torch-legacy-pickle": _other(
        "PyTorch file of an old format",
        "The file is a PyTorch file of the format before version 1.6, which is a pickle.",
        "Load it where you trust it with `torch.load(weights_only=True)`, and save it as safetensors.",
        _CODE,
    ),
    "torchscript": _other(
        "TorchScript module",
        "The file is a TorchScript module.",
        "Load it where you trust it with `torch.jit.load`, and save its state_dict as safetensors.",
        "It carries code, and Exhume never runs code from a file.",
    ),
    "torch-export": _other(
        "torch.export program",
        "The file is a torch.export program (.pt2).",
        "Load it where you trust it with `torch.export.load`, and save its state_dict as safetensors.",
        "It carries code, and Exhume never runs code from a file.",
    ),
    "tensorflow": _other("TensorFlow model", "The file is a TensorFlow or TFLite model.", _EXPORT),
    "keras": _other("Keras model", "The file is a Keras model.", _EXPORT),
    "hdf5": _other("HDF5 file", "The file is an HDF5 file, probably a Keras model.", _EXPORT),
    "gguf": _other("Language model", "The file is a GGUF or GGML file.", "Upload an image classifier."),
    "tar-archive": _other(
        "tar archive", "The file is a tar archive.", "Unpack it and upload the .safetensors file inside."
    ),
    "compressed-file": _other(
        "Compressed file", "The file is compressed.", "Unpack it and upload the .safetensors file inside."
    ),
    "zip-archive": _other(
        "zip archive", "The file is a zip archive.", "Unpack it and upload the .safetensors file inside."
    ),
    "npz": _other("NumPy arrays", "The file is an .npz of NumPy arrays.", "Upload images as a data set."),
    "npy": _other("NumPy array", "The file is a single NumPy array.", _SAVE),
    "image": _other("Image", "The file is an image.", "Upload images as a data set."),
    "program": _other("Program or script", "The file is a program or a script.", _SAVE),
    "text": _other("Text file", "The file is a text file.", _SAVE),
    "unknown-format": _other("Unknown format", "The format of the file is not known.", _SAVE),
    "safetensors-index": _other(
        "Index without its shards",
        "The file is the index of a safetensors file in shards.",
        "Upload it with its shards: `exhume release upload` packs them.",
        "The weights are in the shards.",
    ),
}
