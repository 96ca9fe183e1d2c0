"""Rejections of unsupported formats, each with the shortest way to convert the file."""

from __future__ import annotations

from pathlib import Path

from app.formats.archive import ZipRules, read_structure
from app.formats.recipes import SAVE_AGAIN, SAVE_WEIGHTS
from app.formats.recognition import Format
from app.formats.refusal import Refused, shown

_FROM_MODULE, _FROM_STATE_DICT = SAVE_WEIGHTS, SAVE_AGAIN
_FROM_JIT = """If you trust the file, convert it once:
    import torch; from safetensors.torch import save_file
    model = torch.jit.load("model.pt", map_location="cpu")
    save_file({k: v.clone().contiguous() for k, v in model.state_dict().items()}, "model.safetensors")"""
_FROM_EXPORT = """If you trust the file, convert it once:
    import torch; from safetensors.torch import save_file
    program = torch.export.load("model.pt2")
    save_file({k: v.clone().contiguous() for k, v in program.state_dict.items()}, "model.safetensors")"""
_FROM_SHARDS = """Upload it with its shards. `exhume release upload` packs them. Otherwise pack them uncompressed:
    zip -0 model.zip model.safetensors.index.json model-*.safetensors"""
_OTHER_FRAMEWORK = (
    "Export the classifier as ONNX, or load its weights into the matching architecture of timm or torchvision and save"
    " the state_dict with safetensors.torch.save_file."
)
_UNPACK = "Unpack it and upload the .safetensors file inside."
_FETCH = "Download the actual file and upload that."

_REASONS: dict[Format, tuple[str, str, str]] = {
    Format.EMPTY: ("empty-file", "The file has 0 bytes.", "Check that the export finished, and upload it again."),
    Format.TORCH_LEGACY: (
        "torch-legacy-pickle",
        "This is a PyTorch file of a version before 1.6: a pickle, which can run code when it is opened.",
        _FROM_STATE_DICT,
    ),
    Format.PICKLE: ("pickle", "This is a Python pickle, which can run code when it is opened.", _FROM_MODULE),
    Format.JOBLIB: ("joblib", "This is a joblib pickle, which can run code when it is opened.", _OTHER_FRAMEWORK),
    Format.TAR: ("tar-archive", "This is a tar archive (or a PyTorch file of a very old version).", _UNPACK),
    Format.COMPRESSED: ("compressed-file", "This is a compressed file.", _UNPACK),
    Format.HDF5: ("hdf5", "This is an HDF5 file, probably a Keras model.", _OTHER_FRAMEWORK),
    Format.TENSORFLOW: ("tensorflow", "This is a TensorFlow or TFLite model.", _OTHER_FRAMEWORK),
    Format.GGUF: ("gguf", "This is a language model (GGUF or GGML).", _OTHER_FRAMEWORK),
    Format.NPY: ("npy", "This is a single NumPy array.", _FROM_MODULE),
    Format.IMAGE: ("image", "This is an image.", "Upload images as a data set, not as a checkpoint."),
    Format.SHARD_INDEX: ("safetensors-index", "This is the index of a sharded safetensors file.", _FROM_SHARDS),
    Format.LFS_POINTER: (
        "lfs-pointer",
        "This is a Git LFS pointer, a text file in place of the checkpoint.",
        "Run `git lfs pull` and upload the file that it downloads.",
    ),
    Format.HTML: ("html", "This is a web page, probably the sign-in or error page of a download.", _FETCH),
    Format.PROGRAM: ("program", "This is a program or a script. Uploaded code is never run.", _FROM_MODULE),
    Format.TEXT: ("text", "This is a text file.", _FROM_MODULE),
    Format.UNKNOWN: ("unknown-format", "The format of this file is unknown.", _FROM_MODULE),
}
_SCRIPT = ("torchscript", "This is a TorchScript module, which contains code.", _FROM_JIT)
_EXPORT = ("torch-export", "This is a torch.export program (.pt2), which contains code.", _FROM_EXPORT)
_PICKLE = ("torch-zip-unusual", "This PyTorch file does not have the layout that torch.save writes.", _FROM_STATE_DICT)
_ZIP_SIGNS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("code/", _SCRIPT),
    ("constants.pkl", _SCRIPT),
    ("serialized_exported_program.json", _EXPORT),
    ("archive_format", _EXPORT),
    ("data.pkl", _PICKLE),
    ("model.weights.h5", ("keras", "This is a Keras model.", _OTHER_FRAMEWORK)),
)
_ACCEPTED = "Accepted are .safetensors files, ONNX files, and state_dicts saved by torch.save since PyTorch 1.6."
_ZIP_RULES = ZipRules(entries=20_000, entry_bytes=2**50, unpacked_bytes=2**50, ratio=1032)


def refusal_of(path: Path, found: Format) -> Refused:
    """Return the rejection of a file in this format: why, and how to convert it."""
    if found is not Format.ZIP:
        return refusal_of_kind(found)
    try:
        with path.open("rb") as file:
            return refusal_of_kind(found, {e.name for e in read_structure(file, _ZIP_RULES)})
    except Refused as refusal:
        return malformed_zip(refusal)


def refusal_of_kind(found: Format, names: set[str] | None = None) -> Refused:
    """Return the rejection of a format without opening the file. `names`: entries of a ZIP."""
    code, what, remedy = _REASONS[found] if names is None else _zip_reason(names)
    return Refused(code, f"{what} {_ACCEPTED} {remedy}")


def malformed_zip(refusal: Refused) -> Refused:
    """Return the rejection of a checkpoint that is a malformed ZIP."""
    what = f"This is a malformed ZIP archive ({shown(refusal.code)})."
    return Refused("zip-unsound", f"{what} {_ACCEPTED} {_FROM_MODULE}")


def _zip_reason(names: set[str]) -> tuple[str, str, str]:
    inner = {name.partition("/")[2] for name in names} | names
    for sign, reason in _ZIP_SIGNS:
        if any(n == sign or (sign.endswith("/") and n.startswith(sign)) for n in inner):
            return reason
    if all(n.endswith(".npy") for n in names):
        return "npz", "This is an .npz of NumPy arrays.", "Upload images as a data set, not as a checkpoint."
    return "zip-archive", "This is a ZIP archive.", _UNPACK
