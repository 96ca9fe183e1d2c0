"""Decoder for packed lists of integers, with NumPy, a piece at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from worker.intake.onnx.wire import BYTES, VARINT, Reader, WireError, signed

_PIECE = 1 << 20
_LONGEST = 10
_BYTES_A_PART = 16
"""Bytes of a list that count as one field."""


def packed(wire: int, value: Any) -> int | memoryview:
    """Return one number, or many as packed bytes."""
    if wire not in (VARINT, BYTES):
        raise WireError("a list of integers has the wrong wire type")
    return signed(value) if wire == VARINT else memoryview(value)


def unpacked(reader: Reader, values: list[int | memoryview]) -> np.ndarray:
    """Return the numbers of a repeated field, in order: int64 (N,).

    Raises: WireError, TooManyFieldsError.
    """
    reader.spend(sum(len(v) // _BYTES_A_PART for v in values if not isinstance(v, int)))
    lists = [np.array([v], np.int64) if isinstance(v, int) else _numbers(v) for v in values]
    return np.concatenate(lists) if lists else np.empty(0, np.int64)


def _numbers(view: memoryview) -> np.ndarray:
    data = np.frombuffer(view, np.uint8)
    pieces, position = [], 0
    while position < len(data):
        piece = data[position : position + _PIECE]
        ends = np.flatnonzero(piece < 0x80)
        if not len(ends):
            raise WireError("a number is cut off" if len(piece) < _LONGEST else "a number has more than 64 bits")
        pieces.append(_decoded(piece, ends))
        position += int(ends[-1]) + 1
    return np.concatenate(pieces) if pieces else np.empty(0, np.int64)


def _decoded(piece: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Decode the numbers whose last bytes are at `ends`."""
    begins = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - begins + 1
    longest = int(lengths.max())
    if longest > _LONGEST or (longest == _LONGEST and (piece[ends[lengths == _LONGEST]] > 1).any()):
        raise WireError("a number has more than 64 bits")
    values = (piece[begins] & 0x7F).astype(np.uint64)
    for count in range(1, longest):
        longer = np.flatnonzero(lengths > count)
        bits = (piece[begins[longer] + count] & 0x7F).astype(np.uint64)
        values[longer] |= bits << np.uint64(7 * count)
    return values.view(np.int64)
