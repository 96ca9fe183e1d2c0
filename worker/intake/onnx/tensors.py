"""Conversion of a TensorProto to an array. Dimensions are checked before anything is allocated."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from app.formats.recipes import INTO_ONE_FILE
from app.formats.refusal import shown
from worker.intake.onnx.packed import unpacked
from worker.intake.onnx.schema import TENSOR, refused
from worker.intake.onnx.wire import Reader, WireError

MOST_ELEMENTS, RANK = 1_000_000_000, 8
_BOOL, _FLOAT16, _BFLOAT16, _UINT16 = 9, 10, 16, 4
_DTYPES = {  # by TensorProto.DataType
    1: "<f4",
    2: "u1",
    3: "i1",
    4: "<u2",
    5: "<i2",
    6: "<i4",
    7: "<i8",
    9: "?",
    10: "<f2",
    11: "<f8",
    12: "<u4",
    13: "<u8",
}
_FIELDS = {1: "float_data", 7: "int64_data", 11: "double_data", 12: "uint64_data", 13: "uint64_data"}  # else int32_data
_SOURCES = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def read_tensor(reader: Reader, view: memoryview) -> tuple[str, np.ndarray]:
    """Return name and array. The array is a view into the file if it holds raw data.

    Raises: Refused (onnx-external-data, onnx-type), WireError.
    """
    found = reader.message(view, TENSOR, "a tensor")
    name, kind, dims = found.get("name", ""), found.get("data_type", 0), tuple(found["dims"])
    if found.get("data_location", 0) != 0:
        raise refused("onnx-external-data", "its weights are in another file", INTO_ONE_FILE)
    if len(dims) > RANK or any(not 0 <= d < 2**40 for d in dims) or math.prod(dims) > MOST_ELEMENTS:
        raise WireError(f"the tensor {shown(name, 60)!r} has impossible dimensions")
    if kind not in (*_DTYPES, _BFLOAT16):
        raise refused("onnx-type", f"the tensor {shown(name, 60)!r} has the unsupported type {kind}")
    array = _bfloat16(reader, found) if kind == _BFLOAT16 else _array(reader, found, kind)
    if array.size != math.prod(dims):
        raise WireError(f"the tensor {shown(name, 60)!r} has {array.size} numbers, but the dimensions {list(dims)}")
    return name, array.reshape(dims)


def _array(reader: Reader, found: dict[str, Any], kind: int) -> np.ndarray:
    dtype = np.dtype(_DTYPES[kind])
    sources = [key for key in _SOURCES if found.get(key)]
    if len(sources) > 1:
        raise WireError("a tensor has two sources of numbers")
    if not sources:
        return np.empty(0, dtype)
    source, value = sources[0], found[sources[0]]
    if source == "raw_data":
        return _fixed(value, dtype)
    if source != _FIELDS.get(kind, "int32_data"):
        raise WireError("a tensor has its numbers in the field of another type")
    if source in ("float_data", "double_data"):
        return _fixed(value[0] if len(value) == 1 else b"".join(value), dtype)
    whole = unpacked(reader, value)
    return whole.astype(np.uint16).view("<f2") if kind == _FLOAT16 else whole.astype(dtype)


def _fixed(data: memoryview | bytes, dtype: np.dtype[Any]) -> np.ndarray:
    """Read numbers of fixed size. Booleans other than 0 and 1 are rejected, as readers differ."""
    if len(data) % dtype.itemsize:
        raise WireError("a tensor is cut off")
    if dtype.kind == "b" and (np.frombuffer(data, np.uint8) > 1).any():
        raise WireError("a boolean is neither 0 nor 1")
    return np.frombuffer(data, dtype)


def _bfloat16(reader: Reader, found: dict[str, Any]) -> np.ndarray:
    """Convert bfloat16, the upper half of float32, to float32."""
    return (_array(reader, found, _UINT16).astype(np.uint32) << 16).view("<f4")
