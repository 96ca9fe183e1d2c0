"""Puts the weights of an ONNX model that are in other files back into the model.

PyTorch exports `model.onnx` with `model.onnx.data` beside it. This runs on the user's machine,
before the upload. Only the fields that lead to tensors are read (onnx.proto). All others are
copied as they are.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.formats.limits import CHECKPOINT, GIB, MIB
from app.formats.protobuf import BYTES, fields

_RAW, _EXTERNAL, _LOCATION = 9, 13, 14
_WAYS = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
}
"""Fields of each message that lead to a tensor, and the message that they hold."""


@dataclass(frozen=True)
class _Range:
    """A part of a file beside the model."""

    path: Path
    offset: int
    length: int


_Part = memoryview | bytes | _Range


@contextmanager
def whole_model(path: Path) -> Iterator[Iterator[bytes | memoryview] | None]:
    """Yield the model with all weights, piece by piece, or None if none are missing.

    The weights are copied a MiB at a time, so that a large model needs no memory for them.

    Raises: OSError, or ValueError if it is not an ONNX model, or names a file that is too short,
        too large or in another folder.
    """
    with path.open("rb") as file, _mapped(file) as data:
        made = _message(data, "model", _Beside(path))
        yield None if made is None else _pieces(made)
        del made


@contextmanager
def _mapped(file: BinaryIO) -> Iterator[memoryview]:
    """Yield the bytes of a file without reading it."""
    if not os.fstat(file.fileno()).st_size:
        yield memoryview(b"")
        return
    # Closed with its last view: fields of it may be referred to by an exception.
    yield memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _pieces(parts: list[_Part]) -> Iterator[bytes | memoryview]:
    for part in parts:
        if not isinstance(part, _Range):
            yield part
            continue
        with part.path.open("rb") as file:
            file.seek(part.offset)
            left = part.length
            while left:
                piece = file.read(min(left, MIB))
                if not piece:
                    raise ValueError(f"{part.path.name} became shorter while it was read")
                left -= len(piece)
                yield piece


class _Beside:
    """The files beside a model, whose weights may be read."""

    def __init__(self, model: Path) -> None:
        self._folder = model.parent
        # Caches of downloads keep each file elsewhere, all in one folder.
        self._real = {model.parent.resolve(), model.resolve().parent}
        self._left = CHECKPOINT.file_bytes

    def part(self, name: str, offset: int, length: int | None) -> _Range:
        """Return a part of a file, or all from `offset`. Raises: OSError, ValueError."""
        if not name or Path(name).name != name:
            raise ValueError(f"its weights are in {name!r}, which is not a file beside it")
        path = (self._folder / name).resolve()
        if path.parent not in self._real or not path.is_file():
            raise ValueError(f"its weights are in {name!r}, which is not a file beside it")
        size = path.stat().st_size
        end = size if length is None else offset + length
        if not 0 <= offset <= end <= size:
            raise ValueError(f"{name} is too short")
        self._left -= end - offset
        if self._left < 0:
            raise ValueError(f"its weights have more than {CHECKPOINT.file_bytes // GIB} GiB")
        return _Range(path, offset, end - offset)


def _message(data: memoryview, kind: str, beside: _Beside) -> list[_Part] | None:
    """Return the parts of a message with all weights, or None if none are missing."""
    parts: list[_Part] = []
    kept, at = 0, 0  # fields from `kept` to `at` are copied together
    for number, wire, field, value in fields(data):
        inner = _WAYS[kind].get(number) if wire == BYTES else None
        made = None
        if inner is not None:
            made = _tensor(value, beside) if inner == "tensor" else _message(value, inner, beside)
        if made is not None:
            parts += [data[kept:at], _head(number, made), *made]
            kept = at + len(field)
        at += len(field)
    return [*parts, data[kept:]] if parts else None


def _tensor(data: memoryview, beside: _Beside) -> list[_Part] | None:
    """Return a tensor with its numbers as raw data, or None if it has them."""
    kept, where = bytearray(), {}
    for number, wire, field, value in fields(data):
        if number == _EXTERNAL and wire == BYTES:
            texts = {key: bytes(text).decode() for key, _, _, text in fields(value)}
            where[texts.get(1, "")] = texts.get(2, "")
        elif number != _LOCATION:
            kept += field
    if not where:
        return None
    length = int(where["length"]) if "length" in where else None
    raw = beside.part(where.get("location", ""), int(where.get("offset", 0)), length)
    return [bytes(kept), _head(_RAW, [raw]), raw]


def _head(number: int, parts: list[_Part]) -> bytes:
    """Return the beginning of a field that holds these parts."""
    length = sum(part.length if isinstance(part, _Range) else len(part) for part in parts)
    return _number(number << 3 | BYTES) + _number(length)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
