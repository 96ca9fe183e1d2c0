"""Parser for safetensors headers, in pure Python. It allocates nothing before checking the sizes.

The format (huggingface/safetensors, README): 8 bytes little-endian header length N, N bytes of
JSON `{name: {"dtype", "shape", "data_offsets": [begin, end]}}` with optional `__metadata__` of
strings, then the data. The parser is stricter than the library: it rejects duplicate keys, holes,
overlaps, zero dimensions, trailing bytes and unusual dtypes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from app.formats.limits import CHECKPOINT, CheckpointLimits
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.refusal import Refused, shown
from app.formats.strict_json import JsonRefusedError, strict_json

DTYPE_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_LARGEST = 2**48


@dataclass(frozen=True)
class TensorEntry:
    """One tensor. Offsets are relative to the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class SafetensorsHeader:
    """Checked header of a file. `data_begin`: offset of the tensors' bytes."""

    tensors: dict[str, TensorEntry]
    data_begin: int
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Number of elements of all tensors."""
        return sum(math.prod(t.shape) for t in self.tensors.values())


def read_header(path: Path, limits: CheckpointLimits = CHECKPOINT) -> SafetensorsHeader:
    """Read and check the header of the file.

    Raises: Refused, naming the tensor and the rule that it breaks.
    """
    with path.open("rb") as file:
        return read_header_at(file, 0, file.seek(0, 2), limits)


def read_header_at(file: BinaryIO, begin: int, size: int, limits: CheckpointLimits) -> SafetensorsHeader:
    """Read and check the header of the `size` bytes from `begin`, such as a shard in an archive.

    Raises: Refused.
    """
    if size > limits.file_bytes:
        raise Refused("checkpoint-too-large", f"The file has {size} bytes. The limit is {limits.file_bytes}.")
    file.seek(begin)
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length < 2 or length > size - 8:
        raise _broken("header-truncated", f"its header claims {length} bytes, but the file has {size}")
    if length > limits.header_bytes:
        raise _broken(
            "header-too-large", f"its header has {length} bytes, more than the limit of {limits.header_bytes}"
        )
    text = file.read(length)
    if len(text) != length:
        raise _broken("header-truncated", "it ends inside its header")
    tensors, metadata = _tensors(text, size - 8 - length, limits)
    return SafetensorsHeader(tensors, 8 + length, metadata)


def _tensors(text: bytes, data_bytes: int, limits: CheckpointLimits) -> tuple[dict[str, TensorEntry], dict[str, str]]:
    if not text.startswith(b"{"):
        raise _broken("header-not-json", "its header does not begin with '{'")
    try:
        declared = strict_json(text, depth=3, members=limits.tensors * (limits.rank + 8) + limits.metadata_entries)
    except JsonRefusedError as error:
        raise _broken("header-not-json", f"its header is not acceptable JSON: {shown(error)}") from None
    metadata = declared.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise _broken("header-malformed", "its __metadata__ is not an object of strings")
    if len(metadata) > limits.metadata_entries:
        raise _broken("header-malformed", f"its __metadata__ has more than {limits.metadata_entries} entries")
    if not declared:
        raise _broken("no-tensors", "it contains no tensors")
    if len(declared) > limits.tensors:
        raise _broken("too-many-tensors", f"it has {len(declared)} tensors, more than the limit of {limits.tensors}")
    tensors = {name: _entry(name, value, limits) for name, value in declared.items()}
    _check_layout(tensors, data_bytes)
    return tensors, metadata


def _entry(name: str, value: Any, limits: CheckpointLimits) -> TensorEntry:
    if not name or len(name) > limits.name_length or not name.isprintable():
        raise _broken("tensor-name", f"the tensor name {shown(name)!r} is empty, too long or not printable")
    match value:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [begin, end]} if len(value) == 3:
            pass
        case _:
            raise _tensor("tensor-malformed", name, "must have exactly dtype, shape and data_offsets (two integers)")
    if dtype not in DTYPE_BYTES:
        raise _tensor(
            "tensor-dtype",
            name,
            f"has dtype {shown(dtype, 20)}, which is not one of {', '.join(DTYPE_BYTES)} (save it as float32)",
        )
    numbers = [*shape, begin, end]
    if not all(type(v) is int and 0 <= v <= _LARGEST for v in numbers):
        raise _tensor("tensor-malformed", name, "has a shape or offset that is negative, too large or not an integer")
    if len(shape) > limits.rank:
        raise _tensor("tensor-rank", name, f"has {len(shape)} dimensions, more than the limit of {limits.rank}")
    if 0 in shape:
        raise _tensor("tensor-empty", name, f"has a zero dimension: {shape}")
    if end - begin != math.prod(shape) * DTYPE_BYTES[dtype]:
        raise _tensor(
            "tensor-size", name, f"has dtype {dtype} and shape {shape}, which do not fill the bytes {begin} to {end}"
        )
    return TensorEntry(dtype, tuple(shape), begin, end)


def _check_layout(tensors: dict[str, TensorEntry], data_bytes: int) -> None:
    """Check that the tensors cover the data exactly: no overlap, no hole, no bytes left over."""
    position, before = 0, ""
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].begin):
        if tensor.begin < position:
            raise _tensor("tensors-overlap", name, f"shares bytes with {shown(before)!r}")
        if tensor.begin > position:
            raise _tensor("tensors-hole", name, f"leaves bytes {position} to {tensor.begin} unused before it")
        if tensor.end > data_bytes:
            raise _tensor(
                "data-truncated", name, f"ends at byte {tensor.end} of the data, but the file has {data_bytes}"
            )
        position, before = tensor.end, name
    if position != data_bytes:
        raise _broken("trailing-bytes", f"{data_bytes - position} bytes follow the last tensor")


_REMEDY = f"Save the file again. {SAVE_WEIGHTS}"


def _broken(code: str, what: str) -> Refused:
    return Refused(code, f"The safetensors file was rejected: {what}. {_REMEDY}")


def _tensor(code: str, name: str, what: str) -> Refused:
    detail = f"the tensor {shown(name)!r} {what}"
    return Refused(
        code, f"The safetensors file was rejected: {detail}. {_REMEDY}", [{"name": shown(name), "detail": detail}]
    )
