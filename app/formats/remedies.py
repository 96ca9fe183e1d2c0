"""For each format that is not taken: what it is, and the shortest way to something that is."""

from __future__ import annotations

from pathlib import Path

from app.formats.archive import ZipRules, read_structure
from app.formats.recognition import Format
from app.formats.refusal import Refused, shown

_FROM_MODULE = """In the environment that trained the model:
    from safetensors.torch import save_file
    model.eval()
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, "model.safetensors")"""
_FROM_STATE_DICT = """Where you trust the file, convert it once:
    import torch; from safetensors.torch import save_file
    state = torch.load("model.pt", map_location="cpu", weights_only=True)
    save_file({k: v.clone().contiguous() for k, v in state.items()}, "model.safetensors")"""
_FROM_JIT = """Where you trust the file, convert it once:
    import torch; from safetensors.torch import save_file
    model = torch.jit.load("model.pt", map_location="cpu")
    save_file({k: v.clone().contiguous() for k, v in model.state_dict().items()}, "model.safetensors")"""
_FROM_EXPORT = """Where you trust the file, convert it once:
    import torch; from safetensors.torch import save_file
    program = torch.export.load("model.pt2")
    save_file({k: v.clone().contiguous() for k, v in program.state_dict.items()}, "model.safetensors")"""
_FROM_SHARDS = """Upload it with its shards: `exhume release upload` packs them; elsewhere pack them uncompressed:
    zip -0 model.zip model.safetensors.index.json model-*.safetensors"""
_OTHER_FRAMEWORK = (
    "Export the classifier as ONNX, or load its weights into the matching architecture of timm or torchvision and save"
    " the state_dict with safetensors.torch.save_file."
)
_UNPACK = "Unpack it and upload the .safetensors file inside."
_FETCH = "Fetch the real file and upload that."

_REASONS: dict[Format, tuple[str, str, str]] = {
    Format.EMPTY: ("empty-file", "The file has 0 bytes.", "Check that the export finished, and upload it again."),
    Format.TORCH_LEGACY: (
        "torch-legacy-pickle",
        "This is a PyTorch file of the format before version 1.6, a pickle: opening it would run code.",
        _FROM_STATE_DICT,
    ),
    Format.PICKLE: ("pickle", "This is a Python pickle: opening it would run code.", _FROM_MODULE),
    Format.JOBLIB: ("joblib", "This is a joblib file, a pickle: opening it would run code.", _OTHER_FRAMEWORK),
    Format.TAR: ("tar-archive", "This is a tar archive (or a PyTorch file of a very old version).", _UNPACK),
    Format.COMPRESSED: ("compressed-file", "This is a compressed file.", _UNPACK),
    Format.HDF5: ("hdf5", "This is an HDF5 file, probably a Keras model.", _OTHER_FRAMEWORK),
    Format.TENSORFLOW: ("tensorflow", "This is a TensorFlow or TFLite model.", _OTHER_FRAMEWORK),
    Format.GGUF: ("gguf", "This is a GGUF or GGML file, a language model.", _OTHER_FRAMEWORK),
    Format.NPY: ("npy", "This is a single NumPy array.", _FROM_MODULE),
    Format.IMAGE: ("image", "This is an image.", "Image sets are uploaded as a dataset, not as a checkpoint."),
    Format.SHARD_INDEX: ("safetensors-index", "This is the index of a safetensors file in shards.", _FROM_SHARDS),
    Format.LFS_POINTER: (
        "lfs-pointer",
        "This is a Git LFS pointer: three lines of text in place of the checkpoint.",
        "Run `git lfs pull` and upload the file that it brings.",
    ),
    Format.HTML: ("html", "This is a web page, probably the sign-in or error page of a download.", _FETCH),
    Format.PROGRAM: ("program", "This is a program or a script. No code of a user is ever run here.", _FROM_MODULE),
    Format.TEXT: ("text", "This is a text file.", _FROM_MODULE),
    Format.UNKNOWN: ("unknown-format", "The format of this file is not known.", _FROM_MODULE),
}
_SCRIPT = ("torchscript", "This is a TorchScript module: it carries code.", _FROM_JIT)
_EXPORT = ("torch-export", "This is a torch.export program (.pt2): it carries code.", _FROM_EXPORT)
_PICKLE = ("torch-zip-unusual", "This PyTorch file is not packed as torch.save packs a state_dict.", _FROM_STATE_DICT)
_ZIP_SIGNS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("code/", _SCRIPT),
    ("constants.pkl", _SCRIPT),
    ("serialized_exported_program.json", _EXPORT),
    ("archive_format", _EXPORT),
    ("data.pkl", _PICKLE),
    ("model.weights.h5", ("keras", "This is a Keras model.", _OTHER_FRAMEWORK)),
)
_TAKEN = "Checkpoints are taken as .safetensors, as ONNX, or as a PyTorch state_dict of torch.save since version 1.6."
_ZIP_RULES = ZipRules(entries=20_000, entry_bytes=2**50, unpacked_bytes=2**50, ratio=1032)


def refusal_of(path: Path, found: Format) -> Refused:
    """Why a file of this format is no checkpoint that is taken, and how to make one."""
    if found is not Format.ZIP:
        return refusal_of_kind(found)
    try:
        with path.open("rb") as file:
            return refusal_of_kind(found, {e.name for e in read_structure(file, _ZIP_RULES)})
    except Refused as refusal:
        return unsound_zip(refusal)


def refusal_of_kind(found: Format, names: set[str] | None = None) -> Refused:
    """`refusal_of` without the file; `names` are those of a zip's entries."""
    code, what, remedy = _REASONS[found] if names is None else _zip_reason(names)
    return Refused(code, f"{what} {_TAKEN} {remedy}")


def unsound_zip(refusal: Refused) -> Refused:
    """Why a zip whose structure is refused is no checkpoint."""
    what = f"This is a zip file, and a malformed one ({shown(refusal.code)})."
    return Refused("zip-unsound", f"{what} {_TAKEN} {_FROM_MODULE}")


def _zip_reason(names: set[str]) -> tuple[str, str, str]:
    inner = {name.partition("/")[2] for name in names} | names
    for sign, reason in _ZIP_SIGNS:
        if any(n == sign or (sign.endswith("/") and n.startswith(sign)) for n in inner):
            return reason
    if all(n.endswith(".npy") for n in names):
        return "npz", "This is an .npz of NumPy arrays.", "Image sets are uploaded as a dataset, not as a checkpoint."
    return "zip-archive", "This is a zip archive.", _UNPACK
