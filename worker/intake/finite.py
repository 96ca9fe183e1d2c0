"""Check that all values of a safetensors file are finite. Reads the checked offsets with NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import numpy as np

from app.formats.refusal import Refused, shown
from app.formats.safetensors_header import SafetensorsHeader, TensorEntry

_PIECE = 4 * 1024 * 1024
_NUMPY = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "u1"}
_BF16_EXPONENT = 0x7F80


def check_values(path: Path, header: SafetensorsHeader) -> None:
    """Reject tensors with values that are NaN or infinite, or would be infinite as float32.

    Raises: Refused (weights-not-finite, tensor-not-boolean).
    """
    broken: list[dict[str, str]] = []
    for name, tensor, count in _bad(path, header):
        if tensor.dtype == "BOOL":
            raise Refused("tensor-not-boolean", f"The tensor {shown(name)!r} is BOOL with values other than 0 and 1.")
        total = (tensor.end - tensor.begin) // np.dtype(_NUMPY[tensor.dtype]).itemsize
        broken.append({"name": shown(name), "detail": f"{count} of {total} values are NaN or infinite"})
    if broken:
        names = ", ".join(b["name"] for b in broken[:8])
        raise Refused(
            "weights-not-finite",
            f"NaN or infinite values in {len(broken)} tensors: {names}. The training diverged or the file is damaged."
            " Upload an earlier checkpoint.",
            broken,
        )


def _bad(path: Path, header: SafetensorsHeader) -> Iterator[tuple[str, TensorEntry, int]]:
    """Yield tensors with invalid values, and how many. Neighbours of a dtype are read together."""
    ordered = sorted(header.tensors.items(), key=lambda item: item[1].begin)
    with path.open("rb") as file:
        for dtype, group in groupby(ordered, key=lambda item: item[1].dtype):
            if dtype not in _NUMPY:
                continue
            run = list(group)
            file.seek(header.data_begin + run[0][1].begin)
            counts = _counted(file, dtype, [tensor for _, tensor in run])
            yield from ((*run[at], int(counts[at])) for at in np.flatnonzero(counts))


def _counted(file: BinaryIO, dtype: str, run: list[TensorEntry]) -> np.ndarray:
    """Count the invalid values of each tensor of a run at the file position: int64 (len(run),)."""
    kind = np.dtype(_NUMPY[dtype])
    begins = (np.array([tensor.begin for tensor in run]) - run[0].begin) // kind.itemsize
    count, counts = (run[-1].end - run[0].begin) // kind.itemsize, np.zeros(len(run), np.int64)
    for start in range(0, count, _PIECE):
        values = np.fromfile(file, kind, min(_PIECE, count - start))
        found = np.flatnonzero(_flags(values, dtype)) + start
        counts += np.bincount(np.searchsorted(begins, found, "right") - 1, minlength=len(run))
    return counts


def _flags(values: np.ndarray, dtype: str) -> np.ndarray:
    """Return a mask of the invalid values."""
    if dtype == "BOOL":
        return np.asarray(values > 1)
    if dtype == "BF16":
        return np.asarray((values & _BF16_EXPONENT) == _BF16_EXPONENT)
    with np.errstate(over="ignore", invalid="ignore"):
        return ~np.isfinite(values.astype(np.float32))
