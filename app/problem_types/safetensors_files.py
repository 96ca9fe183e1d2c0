"""safetensors files that are damaged or forged, and shards that do not belong together."""

from app.problem_types.kind import ProblemType

_WHY = "The file is damaged, or it was not written by the safetensors library."


def _damaged(title: str, happened: str, why: str = _WHY) -> ProblemType:
    return ProblemType(422, title, happened, why, "Write the file again with `safetensors.torch.save_file`.")


def _shards(title: str, happened: str) -> ProblemType:
    return ProblemType(
        422,
        title,
        happened,
        "The index and its shards must describe the same tensors, and nothing else may be packed with them.",
        "Pack the index and all shards of one folder, uncompressed. `exhume release upload` does this.",
    )


KINDS = {
    "header-truncated": _damaged("Header cut off", "The file ends inside its header."),
    "header-too-large": _damaged("Header too large", "The header is larger than the limit."),
    "header-not-json": _damaged("Header cannot be read", "The header is not the JSON that safetensors prescribes."),
    "header-malformed": _damaged("Malformed header", "The metadata in the header are malformed or too many."),
    "no-tensors": _damaged("No tensors", "The file contains no tensor.", "An empty state_dict was saved."),
    "tensor-name": _damaged("Unusable tensor name", "A tensor's name is empty, too long or not printable."),
    "tensor-malformed": _damaged("Malformed tensor", "A tensor's description in the header is malformed."),
    "tensor-dtype": _damaged(
        "Unsupported number type",
        "A tensor has a number type that is not supported.",
        "Only plain floating point and integer types are read. Save the tensor as float32.",
    ),
    "tensor-rank": _damaged("Too many dimensions", "A tensor has more dimensions than the limit."),
    "tensor-empty": _damaged("Empty tensor", "A tensor has a dimension of size zero."),
    "tensor-size": _damaged("Size does not match", "A tensor's shape and type do not fill its bytes."),
    "tensors-overlap": _damaged("Tensors overlap", "Two tensors share bytes of the file."),
    "tensors-hole": _damaged("Unused bytes", "Between two tensors there are bytes that belong to neither."),
    "data-truncated": _damaged("Data cut off", "A tensor reaches beyond the end of the file."),
    "trailing-bytes": _damaged("Bytes after the last tensor", "Something follows the last tensor."),
    "tensor-not-boolean": _damaged("Not boolean", "A boolean tensor contains values other than 0 and 1."),
    "shards-folder": _shards("Shards in several folders", "The index and its shards lie in different folders."),
    "shards-index": _shards("Unusable index", "The index is missing, occurs twice or cannot be read."),
    "shards-member": _shards("File that is not a shard", "A file was packed that the index does not name."),
    "shards-missing": _shards("Shard missing", "The index names a shard that was not packed."),
    "shards-disagree": _shards(
        "Shards disagree", "A tensor is in another shard than the index says, or in none or two."
    ),
}
