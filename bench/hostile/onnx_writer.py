"""Writer for ONNX models, byte by byte, so that they can be invalid."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

KINDS = {"f4": 1, "i8": 7, "b1": 9, "f2": 10, "f8": 11}


def varint(value: int) -> bytes:
    value %= 2**64
    text = bytearray()
    while value >= 0x80:
        text.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*text, value])


def field(number: int, value: int | float | bytes | str) -> bytes:
    """Return one encoded field: an integer, a float, or bytes (also an inner message)."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, array: Any, *more: bytes, dims: Any = None) -> bytes:
    data = np.asarray(array)
    sizes = data.shape if dims is None else dims
    shape = b"".join(field(1, d) for d in sizes)
    return shape + field(2, KINDS[data.dtype.str[1:]]) + field(8, name) + field(9, data.tobytes()) + b"".join(more)


def attribute(name: str, value: Any) -> bytes:
    if isinstance(value, bytes):  # a tensor
        return field(1, name) + field(5, value) + field(20, 4)
    if isinstance(value, float):
        return field(1, name) + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def node(operator: str, inputs: str, outputs: str, *more: bytes, **attributes: Any) -> bytes:
    """Return a node. Spaces separate names of inputs and outputs; `-` is an omitted one."""
    names = [field(1, "" if n == "-" else n) for n in inputs.split()] + [field(2, n) for n in outputs.split()]
    options = [field(5, attribute(name, value)) for name, value in attributes.items()]
    return b"".join([*names, field(4, operator), *options, *more])


def value(name: str, shape: Any, element: int = 1) -> bytes:
    dims = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, element) + field(2, dims)))


def graph(nodes: list[bytes], tensors: list[bytes], inputs: list[bytes], outputs: list[bytes], *more: bytes) -> bytes:
    parts = [(1, nodes), (5, tensors), (11, inputs), (12, outputs)]
    return b"".join(field(number, item) for number, items in parts for item in items) + b"".join(more)


def model(inner: bytes, *more: bytes, opset: int = 17) -> bytes:
    return field(1, 8) + field(2, "test") + field(7, inner) + field(8, field(1, "") + field(2, opset)) + b"".join(more)
