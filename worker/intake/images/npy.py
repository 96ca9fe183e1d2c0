"""Parser for the header of a .npy array (NumPy format 1.0 to 3.0), without NumPy and pickle."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass

from app.formats.recipes import NPZ_WITHOUT_OBJECTS
from app.formats.refusal import Refused, shown

HEADER_BYTES = 4096
_KINDS = {"b1": 1, "u1": 1, "i1": 1, "u2": 2, "i2": 2, "u4": 4, "i4": 4, "u8": 8, "i8": 8, "f2": 2, "f4": 4, "f8": 8}


@dataclass(frozen=True)
class NpyHeader:
    """Data type such as "<i8", shape, and offset of the data."""

    dtype: str
    shape: tuple[int, ...]
    begin: int

    @property
    def bytes(self) -> int:
        """Size of the data."""
        return math.prod(self.shape) * item_bytes(self.dtype)


def item_bytes(dtype: str) -> int:
    """Return the bytes of one item."""
    if text := re.fullmatch(r"[<>|=]([US])(\d{1,4})", dtype):
        return int(text[2]) * (4 if text[1] == "U" else 1)
    return _KINDS[dtype[1:]]


def read_npy_header(head: bytes, name: str) -> NpyHeader:
    """Parse the header at the start of `head`.

    Raises: Refused (npy-header, npy-pickled, npy-dtype, npy-order).
    """
    if head[:6] != b"\x93NUMPY" or head[6:8] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise _refused("npy-header", name, "is not a NumPy array")
    wide = head[6] > 1
    length, begin = int.from_bytes(head[8 : 12 if wide else 10], "little"), 12 if wide else 10
    text = head[begin : begin + length]
    if length > HEADER_BYTES or len(text) != length:
        raise _refused("npy-header", name, f"has a header of {length} bytes that is cut off or too long")
    try:
        declared = ast.literal_eval(text.decode("utf-8" if head[6] == 3 else "latin-1").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise _refused("npy-header", name, "has a malformed header") from None
    match declared:
        case {"descr": str(dtype), "fortran_order": bool(fortran), "shape": tuple(shape)} if len(declared) == 3:
            pass
        case {"descr": list()}:
            raise _refused("npy-dtype", name, "is a structured array")
        case _:
            raise _refused("npy-header", name, "has a malformed header")
    _check(name, dtype, shape, fortran)
    return NpyHeader(dtype, shape, begin + length)


def _check(name: str, dtype: str, shape: tuple[object, ...], fortran: bool) -> None:
    if dtype.lstrip("<>|=").startswith("O"):
        what = "contains pickled Python objects"
        raise Refused(
            "npy-pickled",
            f"The array {shown(name)!r} {what}. {NPZ_WITHOUT_OBJECTS}",
            [{"name": shown(name), "detail": what}],
        )
    if not re.fullmatch(r"[<>|=](?:[US]\d{1,4}|[biuf]\d)", dtype) or (dtype[1] not in "US" and dtype[1:] not in _KINDS):
        raise _refused("npy-dtype", name, f"has the unsupported dtype {shown(dtype, 20)}")
    if len(shape) > 4 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise _refused("npy-header", name, f"has the invalid shape {shown(shape, 60)}")
    if fortran and len(shape) > 1:
        raise _refused("npy-order", name, "is in Fortran order (save numpy.ascontiguousarray(array))")


def _refused(code: str, name: str, what: str) -> Refused:
    return Refused(code, f"The array {shown(name)!r} {what}. {NPZ_REMEDY}", [{"name": shown(name), "detail": what}])


NPZ_REMEDY = (
    "Save the data set with numpy.savez('set.npz', images=..., labels=..., identities=..., split=...), where `images`"
    " is uint8 (N, H, W) or (N, H, W, 3). The others are optional: `labels` (N integers), `identities` (names) and"
    " `split` (N times train or held-out)."
)
