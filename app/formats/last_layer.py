"""The last layer of a network in a file of its own: a matrix of classes, and perhaps biases."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from app.formats.safetensors_header import DTYPE_BYTES
from app.formats.tensor_bytes import Bytes, Opened

_KEYS = ("state_dict_softmax_fc", "softmax_fc", "head", "state_dict", "model", "weights")
_MATRICES = ("weight", "kernel")
_CODES = {2: "H", 4: "I", 8: "Q"}


class Layer(NamedTuple):
    """A matrix of classes (K, d), and the biases, if it has any."""

    weight: Bytes
    bias: Bytes | None


def read_layer(head: Opened, path: Path) -> Layer:
    """Return the layer in a file: a bare matrix, or the only matrix in a dict.

    Raises: ValueError.
    """
    value, name = head.value, ""
    for _ in range(3):
        if isinstance(value, Mapping) and (key := next((key for key in _KEYS if key in value), "")):
            if hasattr(value[key], "shape"):
                break
            value = value[key]
    if hasattr(value, "shape"):
        weight, bias = head.of(value), None
    else:
        tensors = {k: v for k, v in value.items() if hasattr(v, "shape")} if isinstance(value, Mapping) else {}
        names = [k for k, v in tensors.items() if k.rpartition(".")[2] in _MATRICES and len(v.shape) == 2]
        if len(names) != 1:
            listed = ", ".join(f"{k} {tuple(v.shape)}" for k, v in list(tensors.items())[:8]) or "no tensors"
            raise ValueError(f"{path.name} must hold one matrix, `weight` or `kernel`, and holds {listed}")
        name = names[0]
        other = tensors.get(f"{name.rpartition('.')[0]}.bias".lstrip("."))
        weight, bias = head.of(tensors[name]), None if other is None else head.of(other)
    if len(weight.shape) != 2:
        raise ValueError(f"{path.name} must hold a matrix (classes, features), and holds the shape {weight.shape}")
    if name.rpartition(".")[2] == "kernel":  # (features, classes)
        weight = _transposed(weight)
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"{path.name} has {weight.shape[0]} classes in {name}, and biases of the shape {bias.shape}")
    return Layer(weight, bias)


def together(parts: Sequence[Layer]) -> Layer:
    """Return the parts of a layer as one, in their order. Raises: ValueError."""
    weights, biases = [part.weight for part in parts], [part.bias for part in parts if part.bias is not None]
    if len({(one.dtype, one.shape[1]) for one in weights}) > 1 or len(biases) not in (0, len(parts)):
        listed = ", ".join(f"{one.shape} {one.dtype}" for one in weights)
        raise ValueError(f"the files of the head are not parts of one layer: {listed}")
    return Layer(_below(weights), _below(biases) if biases else None)


def _below(parts: Sequence[Bytes]) -> Bytes:
    shape = (sum(part.shape[0] for part in parts), *parts[0].shape[1:])
    return Bytes(parts[0].dtype, shape, lambda: (piece for part in parts for piece in part.pieces()))


def zeros(weight: Bytes) -> Bytes:
    """Return biases of zero for a matrix of classes."""
    shape = weight.shape[:1]
    return Bytes(weight.dtype, shape, lambda: iter([bytes(shape[0] * DTYPE_BYTES[weight.dtype])]))


def _transposed(matrix: Bytes) -> Bytes:
    rows, columns = matrix.shape

    def pieces() -> Iterator[bytes]:
        numbers = array(_CODES[DTYPE_BYTES[matrix.dtype]], b"".join(matrix.pieces()))
        for column in range(columns):
            yield numbers[column::columns].tobytes()

    if DTYPE_BYTES[matrix.dtype] not in _CODES:
        raise ValueError(f"a head of numbers of the type {matrix.dtype} cannot be used")
    return Bytes(matrix.dtype, (columns, rows), pieces)
