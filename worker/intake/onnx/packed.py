"""Long lists of whole numbers, as ONNX packs them into one field, decoded by NumPy a piece at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from worker.intake.onnx.wire import BYTES, VARINT, WireError, signed

_PIECE = 1 << 20
_LONGEST = 10


def packed_integers(wire: int, value: Any) -> np.ndarray:
    """int64 (N,): one number, or those packed into bytes.

    Raises: WireError.
    """
    if wire == VARINT:
        return np.array([signed(value)], np.int64)
    if wire != BYTES:
        raise WireError("a list of whole numbers has another wire type")
    data = np.frombuffer(value, np.uint8)
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
    """The numbers whose last bytes are at `ends`, all of their bytes at once."""
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
