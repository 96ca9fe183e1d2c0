"""Fields of a protobuf message (https://protobuf.dev/programming-guides/encoding/)."""

from __future__ import annotations

from collections.abc import Iterator

NUMBER, BYTES = 0, 2
_FIXED = {1: 8, 5: 4}


def fields(data: memoryview) -> Iterator[tuple[int, int, memoryview, memoryview]]:
    """Yield number, wire type, the whole field, and its bytes.

    Raises: ValueError if it is not a message.
    """
    at = 0
    while at < len(data):
        begin = at
        tag, at = varint(data, at)
        number, wire = tag >> 3, tag & 7
        inside = at
        if wire == NUMBER:
            _, at = varint(data, at)
        elif wire == BYTES:
            length, inside = varint(data, at)
            at = inside + length
        elif wire in _FIXED:
            at += _FIXED[wire]
        else:
            raise ValueError("it is not an ONNX model")
        if at > len(data) or not number:
            raise ValueError("it is not an ONNX model, or is cut off")
        yield number, wire, data[begin:at], data[inside:at]


def varint(data: memoryview, position: int) -> tuple[int, int]:
    """Return an integer, and the position after it. Raises: ValueError."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            break
        byte, position = data[position], position + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("it is not an ONNX model, or is cut off")
