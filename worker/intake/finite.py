"""Are all values of a safetensors file finite? Read by NumPy straight from the checked offsets, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from worker.intake.refusal import Refused, shown
from worker.intake.safetensors_header import SafetensorsHeader, TensorEntry

_PIECE = 4 * 1024 * 1024
_NUMPY = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "u1"}
_BF16_EXPONENT = 0x7F80


def check_values(path: Path, header: SafetensorsHeader) -> None:
    """Name every tensor with NaN or infinite values, also those that would only become infinite as float32.

    Raises: Refused (weights-not-finite, tensor-not-boolean).
    """
    broken: list[dict[str, str]] = []
    for name, tensor in _suspects(path, header):
        if count := _bad(path, header.data_begin, tensor):
            if tensor.dtype == "BOOL":
                raise Refused(
                    "tensor-not-boolean", f"The tensor {shown(name)!r} is BOOL with values other than 0 and 1."
                )
            total = (tensor.end - tensor.begin) // np.dtype(_NUMPY[tensor.dtype]).itemsize
            broken.append({"name": shown(name), "detail": f"{count} of {total} values are NaN or infinite"})
    if broken:
        names = ", ".join(b["name"] for b in broken[:8])
        raise Refused(
            "weights-not-finite",
            f"NaN or infinite values in {len(broken)} tensors: {names}. The training has diverged, or the file is"
            " damaged; upload a checkpoint from before that.",
            broken,
        )


def _suspects(path: Path, header: SafetensorsHeader) -> Iterator[tuple[str, TensorEntry]]:
    """Tensors of every run of one dtype in which something is wrong: neighbours are read in one go."""
    ordered = sorted(header.tensors.items(), key=lambda item: item[1].begin)
    for dtype, group in groupby(ordered, key=lambda item: item[1].dtype):
        run = list(group)
        together = TensorEntry(dtype, (), run[0][1].begin, run[-1][1].end)
        if dtype in _NUMPY and _bad(path, header.data_begin, together):
            yield from run


def _bad(path: Path, data_begin: int, tensor: TensorEntry) -> int:
    dtype = np.dtype(_NUMPY[tensor.dtype])
    count = (tensor.end - tensor.begin) // dtype.itemsize
    bad = 0
    with path.open("rb") as file:
        file.seek(data_begin + tensor.begin)
        for start in range(0, count, _PIECE):
            values = np.fromfile(file, dtype, min(_PIECE, count - start))
            bad += int(_flags(values, tensor.dtype).sum())
    return bad


def _flags(values: np.ndarray, dtype: str) -> np.ndarray:
    """True where a value must not be."""
    if dtype == "BOOL":
        return np.asarray(values > 1)
    if dtype == "BF16":
        return np.asarray((values & _BF16_EXPONENT) == _BF16_EXPONENT)
    with np.errstate(over="ignore", invalid="ignore"):
        return ~np.isfinite(values.astype(np.float32))
