"""Puts the weights of an ONNX model that are in other files back into the model.

PyTorch exports `model.onnx` with `model.onnx.data` beside it. This runs on the user's machine,
before the upload. Only the fields that lead to tensors are read (onnx.proto). All others are
copied as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.formats.limits import CHECKPOINT, GIB

_RAW, _EXTERNAL, _LOCATION = 9, 13, 14
_BYTES = 2
_FIXED = {1: 8, 5: 4}
_WAYS = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
}
"""Fields of each message that lead to a tensor, and the message that they hold."""


def whole_model(path: Path) -> bytes | None:
    """Return the model with all weights, or None if none are missing.

    Raises: OSError, or ValueError if it is not an ONNX model, or names a file that is too short,
        too large or in another folder.
    """
    data = path.read_bytes()
    made = _message(memoryview(data), "model", _Beside(path))
    return None if made == data else made


class _Beside:
    """The files beside a model, whose weights may be read."""

    def __init__(self, model: Path) -> None:
        self._folder = model.parent
        # Caches of downloads keep each file elsewhere, all in one folder.
        self._real = {model.parent.resolve(), model.resolve().parent}
        self._left = CHECKPOINT.file_bytes

    def read(self, name: str, offset: int, length: int | None) -> bytes:
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
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(end - offset)


def _message(data: memoryview, kind: str, beside: _Beside) -> bytes:
    parts = bytearray()
    for number, wire, field, value in _fields(data):
        inner = _WAYS[kind].get(number) if wire == _BYTES else None
        if inner is None:
            parts += field
        else:
            made = _tensor(value, beside) if inner == "tensor" else _message(value, inner, beside)
            parts += field if made == value else _written(number, made)
    return bytes(parts)


def _tensor(data: memoryview, beside: _Beside) -> bytes:
    """Return a tensor with its numbers as raw data."""
    kept, where = bytearray(), {}
    for number, wire, field, value in _fields(data):
        if number == _EXTERNAL and wire == _BYTES:
            texts = {key: bytes(text).decode() for key, _, _, text in _fields(value)}
            where[texts.get(1, "")] = texts.get(2, "")
        elif number != _LOCATION:
            kept += field
    if not where:
        return bytes(data)
    length = int(where["length"]) if "length" in where else None
    raw = beside.read(where.get("location", ""), int(where.get("offset", 0)), length)
    return bytes(kept) + _written(_RAW, raw)


def _fields(data: memoryview) -> Iterator[tuple[int, int, memoryview, memoryview]]:
    """Yield number, wire type, the whole field, and its bytes."""
    at = 0
    while at < len(data):
        begin = at
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        inside = at
        if wire == 0:
            _, at = _varint(data, at)
        elif wire == _BYTES:
            length, inside = _varint(data, at)
            at = inside + length
        elif wire in _FIXED:
            at += _FIXED[wire]
        else:
            raise ValueError("it is not an ONNX model")
        if at > len(data) or not number:
            raise ValueError("it is not an ONNX model, or is cut off")
        yield number, wire, data[begin:at], data[inside:at]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("it is not an ONNX model, or is cut off")


def _written(number: int, data: bytes) -> bytes:
    return _number(number << 3 | _BYTES) + _number(len(data)) + data


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
