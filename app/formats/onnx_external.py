"""Puts the weights of an ONNX model that are in other files back into the model.

PyTorch exports `model.onnx` with `model.onnx.data` beside it. This runs on the user's machine,
before the upload. Only the fields that lead to tensors are read (onnx.proto). All others are
copied as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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

    Raises: OSError, or ValueError if it is not an ONNX model or a file is too short.
    """
    data = path.read_bytes()
    made = _message(memoryview(data), "model", path.parent)
    return None if made == data else made


def _message(data: memoryview, kind: str, folder: Path) -> bytes:
    parts = bytearray()
    for number, wire, field, value in _fields(data):
        inner = _WAYS[kind].get(number) if wire == _BYTES else None
        if inner is None:
            parts += field
        else:
            made = _tensor(value, folder) if inner == "tensor" else _message(value, inner, folder)
            parts += field if made == value else _written(number, made)
    return bytes(parts)


def _tensor(data: memoryview, folder: Path) -> bytes:
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
    name = where.get("location", "")
    if not name or Path(name).name != name:
        raise ValueError(f"its weights are in {name!r}, which is not a file beside it")
    offset, length = int(where.get("offset", 0)), int(where.get("length", -1))
    with (folder / name).open("rb") as file:
        file.seek(offset)
        raw = file.read(length)
    if length >= 0 and len(raw) != length:
        raise ValueError(f"{name} is too short")
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
