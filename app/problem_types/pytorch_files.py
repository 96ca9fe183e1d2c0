"""PyTorch files that are damaged, or hold more than weights."""

from app.problem_types.kind import ProblemType

_SAVE = "Save the weights alone: `safetensors.torch.save_file(model.state_dict(), 'model.safetensors')`."
_MORE = "Only what a plain state_dict needs is read. Everything else could run code."
_DAMAGED = "The file is damaged, forged or was packed by another program than `torch.save`."


def _torch(title: str, happened: str, why: str = _DAMAGED) -> ProblemType:
    return ProblemType(422, title, happened, why, _SAVE)


KINDS = {
    "no-state-dict": _torch(
        "No state_dict", "The file contains no dict of tensors under a known name.", "It was saved in a custom form."
    ),
    "pickle-name": _torch(
        "Pickle refers to code", "The pickle in the file names a class or function that weights do not need.", _MORE
    ),
    "pickle-opcode": _torch(
        "Unusual pickle instruction", "The pickle in the file uses an instruction that weights do not need.", _MORE
    ),
    "pickle-too-large": _torch(
        "Pickle too large", "The pickle in the file is larger than that of a state_dict.", _MORE
    ),
    "pickle-broken": _torch("Broken pickle", "The pickle in the file cannot be read as a state_dict."),
    "tensor-layout": _torch(
        "Unusual tensor",
        "A tensor is sparse, quantised or of another unusual kind.",
        "Only dense tensors are converted.",
    ),
    "torch-big-endian": _torch(
        "Big-endian file",
        "The file was saved on a big-endian machine.",
        "Its byte order is not supported. Save the file as safetensors on that machine.",
    ),
    "torch-load": _torch("PyTorch cannot read the file", "PyTorch itself cannot load the file."),
    "torch-zip-member": _torch(
        "Unexpected part of a PyTorch file", "The file lacks a part that `torch.save` writes, or has an additional one."
    ),
    "torch-zip-unusual": _torch("Unusual PyTorch file", "The file is not packed as `torch.save` packs it."),
    "zip-unsound": _torch("Malformed zip file", "The file is a malformed zip archive."),
}
