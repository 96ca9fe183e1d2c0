"""Reader for a ZIP with a folder for each identity."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from app.formats.archive import ZipEntry, read_entry, read_structure
from app.formats.limits import DATASET, DatasetLimits
from app.formats.refusal import MAX_ERRORS, shown
from worker.intake.collection import collection_paused
from worker.intake.images.decoding import Decoded, ImageRefusedError, decode
from worker.intake.images.faults import reject_broken, reject_mixed_sizes
from worker.intake.images.image_header import Shape
from worker.intake.images.layout import ImageFile, read_layout
from worker.intake.images.raw_set import check_size, write_raw
from worker.intake.images.rules import zip_rules
from worker.intake.notes import counted

NOTES = {
    "turned": "Dropped the EXIF orientation of {} without applying it.",
    "transparent": "Dropped the transparency of {}: the colours behind it are visible.",
    "deep": "Reduced 16 bits per channel to the upper 8 in {}.",
    "cmyk": "Converted {} from CMYK to RGB without a colour profile.",
    "several": "Used the first picture of {} with several pictures (MPO).",
}
"""Notes by attribute of `Decoded`."""


def unpack_zip(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Decode every image into one array and write it to `work` (a sandboxed task).

    Raises: Refused.
    """
    limits = DATASET
    path = Path(input_path)
    with path.open("rb") as file:
        with collection_paused():
            entries = read_structure(file, zip_rules(limits, path.stat().st_size))
            layout = read_layout(entries, partial(read_entry, file))
        images, notes = _decode_all(file, layout.files, limits)
    index = {name: i for i, name in enumerate(layout.identities)}
    labels = np.array([index[f.identity] for f in layout.files])
    held_out = np.array([f.split != "train" for f in layout.files])
    return write_raw(
        Path(work),
        images,
        labels=labels,
        held_out=held_out,
        identities=layout.identities,
        notes=[*layout.notes, *notes],
    )


def try_odd(input_path: str, work: str, request: dict[str, Any]) -> dict[str, Any]:
    """Decode only the images at the entries `odd`, and keep nothing (a sandboxed task).

    Raises: Refused (broken-image).
    """
    broken: list[dict[str, Any]] = []
    with Path(input_path).open("rb") as file:
        for values in request["odd"]:
            if len(broken) < MAX_ERRORS:
                _one(file, ZipEntry(*values), DATASET, broken)
    reject_broken(broken, more=True)
    return {}


def _decode_all(file: BinaryIO, files: list[ImageFile], limits: DatasetLimits) -> tuple[np.ndarray, list[str]]:
    """Decode all images, which must have the size of the first. Broken images are collected."""
    grey, colour = _Stack(len(files), 1, limits), _Stack(len(files), 3, limits)
    broken: list[dict[str, Any]] = []
    sizes: dict[Shape, list[str]] = {}
    counts: Counter[str] = Counter()
    for i, item in enumerate(files):
        decoded = _one(file, item.entry, limits, broken)
        if decoded is None:
            if len(broken) >= MAX_ERRORS:
                break
            continue
        counts.update(name for name in NOTES if getattr(decoded, name))
        shape = decoded.pixels.shape[0], decoded.pixels.shape[1]
        sizes.setdefault(shape, []).append(item.entry.name)
        if not broken and len(sizes) == 1:
            (grey if decoded.pixels.ndim == 2 else colour).put(i, decoded.pixels)
    reject_broken(broken)
    reject_mixed_sizes(sizes)
    return _joined(grey, colour, counts)


class _Stack:
    """An array that is allocated with the first image. Pages of unused rows are never touched."""

    def __init__(self, count: int, channels: int, limits: DatasetLimits) -> None:
        self.count, self.channels, self.limits = count, channels, limits
        self.array: np.ndarray | None = None
        self.rows: list[int] = []

    def put(self, row: int, pixels: np.ndarray) -> None:
        if self.array is None:
            check_size(self.count, pixels.shape[0], pixels.shape[1], self.channels, self.limits)
            self.array = np.zeros((self.count, *pixels.shape), np.uint8)
        self.array[row] = pixels
        self.rows.append(row)


def _one(file: BinaryIO, entry: ZipEntry, limits: DatasetLimits, broken: list[dict[str, Any]]) -> Decoded | None:
    if not entry.size:
        broken.append({"name": shown(entry.name), "detail": "has 0 bytes"})
        return None
    try:
        return decode(read_entry(file, entry), limits)
    except ImageRefusedError as error:
        broken.append({"name": shown(entry.name), "detail": shown(error)})
        return None


def _joined(grey: _Stack, colour: _Stack, counts: Counter[str]) -> tuple[np.ndarray, list[str]]:
    notes = []
    if grey.array is None or colour.array is None:
        images = colour.array if grey.array is None else grey.array
        assert images is not None
    else:
        colour.array[grey.rows] = grey.array[grey.rows][..., None]
        images = colour.array
        notes.append(f"Converted {counted(len(grey.rows), 'grey image')} among coloured ones to RGB.")
    return images, [
        *notes,
        *(sentence.format(counted(counts[name], "image")) for name, sentence in NOTES.items() if counts[name]),
    ]
