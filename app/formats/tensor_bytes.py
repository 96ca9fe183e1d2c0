"""Reads the bytes of single tensors of a checkpoint, and writes tensors as a safetensors file.

Runs on the user's machine, before the upload. Needs neither torch nor memory for the weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.formats.archive import ZipEntry, read_directory
from app.formats.limits import CHECKPOINT, MIB
from app.formats.pickle_reading import StoredTensor
from app.formats.recipes import SAVE_WEIGHTS
from app.formats.recognition import Format, recognise_in
from app.formats.refusal import Refused
from app.formats.remedies import refusal_of
from app.formats.safetensors_header import DTYPE_BYTES, TensorEntry, read_header_at
from app.formats.torch_zip import is_state_dict, open_torch_zip, torch_rules

_OF_TORCH = {
    **{"Double": "F64", "Float": "F32", "Half": "F16", "BFloat16": "BF16"},
    **{"Long": "I64", "Int": "I32", "Short": "I16", "Char": "I8", "Byte": "U8", "Bool": "BOOL"},
}


@dataclass(frozen=True)
class Bytes:
    """A tensor whose bytes can be read. `dtype`: as safetensors names it."""

    dtype: str
    shape: tuple[int, ...]
    pieces: Callable[[], Iterator[bytes]]

    @property
    def size(self) -> int:
        """Number of bytes."""
        return math.prod(self.shape) * DTYPE_BYTES[self.dtype]


@dataclass(frozen=True)
class Opened:
    """An open checkpoint. `value`: what it holds. `of`: the bytes of one of the tensors in it."""

    value: Any
    of: Callable[[Any], Bytes]


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Yield what a checkpoint holds.

    Raises: OSError. Refused if it is neither a safetensors file nor a state_dict of PyTorch.
    """
    with path.open("rb") as file:
        kind = recognise_in(file)
        if kind is Format.SAFETENSORS:
            header = read_header_at(file, 0, file.seek(0, 2), CHECKPOINT)

            def entry(one: TensorEntry) -> Bytes:
                return Bytes(one.dtype, one.shape, _part(file, header.data_begin + one.begin, one.end - one.begin))

            yield Opened(header.tensors, entry)
        elif kind is Format.ZIP and is_state_dict(read_directory(file, torch_rules(CHECKPOINT))[0]):
            value, members = open_torch_zip(file, CHECKPOINT)
            yield Opened(value, lambda tensor: _stored(tensor, file, members))
        else:
            raise refusal_of(path, kind)


def write_safetensors(path: Path, tensors: Mapping[str, Bytes], metadata: Mapping[str, str]) -> None:
    """Write tensors in their order. The same tensors give the same file."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, tensor in tensors.items():
        offsets = [at, at := at + tensor.size]
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.writelines(tensor.pieces())


def _stored(tensor: StoredTensor, file: BinaryIO, members: Mapping[str, ZipEntry]) -> Bytes:
    dtype = _OF_TORCH[tensor.dtype]
    size = DTYPE_BYTES[dtype]
    begin = members[f"data/{tensor.storage}"].begin + tensor.offset * size
    read = _part(file, begin, math.prod(tensor.shape) * size)
    if not _is_contiguous(tensor):
        raise Refused("tensor-layout", f"A tensor is not contiguous. {SAVE_WEIGHTS}")
    return Bytes(dtype, tensor.shape, read)


def _is_contiguous(tensor: StoredTensor) -> bool:
    step = 1
    for side, stride in zip(reversed(tensor.shape), reversed(tensor.stride), strict=True):
        if side != 1 and stride != step:
            return False
        step *= side
    return True


def _part(file: BinaryIO, begin: int, length: int) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        file.seek(begin)
        left = length
        while left:
            piece = file.read(min(left, MIB))
            if not piece:
                raise ValueError("the file became shorter while it was read")
            left -= len(piece)
            yield piece

    return pieces
