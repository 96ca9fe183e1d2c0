"""Reader for single arrays of an .npz. Each header is checked before its array is read."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from app.formats.archive import ZipEntry, chunks
from app.formats.refusal import Refused, shown
from worker.intake.images.npy import NPZ_REMEDY, NpyHeader, read_npy_header
from worker.intake.images.rules import SMALL_ARRAY_BYTES


def read_small(file: BinaryIO, entry: ZipEntry, name: str) -> np.ndarray:
    """Return an array of at most 64 MiB. Raises: Refused."""
    if entry.size > SMALL_ARRAY_BYTES:
        raise refused("npz-arrays", f"`{name}` has {entry.size} bytes, more than the limit of {SMALL_ARRAY_BYTES}")
    header, stream = open_array(file, entry)
    return filled(header, stream, name)


def open_array(file: BinaryIO, entry: ZipEntry) -> tuple[NpyHeader, Any]:
    """Return the checked header, and an iterator over the data."""
    pieces = chunks(file, entry)
    head = next(pieces, b"")
    header = read_npy_header(head, entry.name)
    if header.begin + header.bytes != entry.size:
        raise refused(
            "npy-size", f"{shown(entry.name)} does not have the {header.bytes} bytes of data that its header declares"
        )

    def data() -> Any:
        yield head[header.begin :]
        yield from pieces

    return header, data()


def filled(header: NpyHeader, stream: Any, name: str) -> np.ndarray:
    """Return the array that a stream holds. Raises: Refused."""
    array = np.empty(header.bytes, np.uint8)
    position = 0
    for piece in stream:
        array[position : position + len(piece)] = np.frombuffer(piece, np.uint8)
        position += len(piece)
    if position != header.bytes:
        raise refused("npy-size", f"`{name}` is cut off")
    return array.view(np.dtype(header.dtype)).reshape(header.shape)


def refused(code: str, what: str, recipe: str = NPZ_REMEDY) -> Refused:
    """Return the rejection of an array."""
    return Refused(code, f"{what.rstrip('.')}. {recipe}", [{"detail": what}])
