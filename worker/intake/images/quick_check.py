"""Quick check of every image before any is decoded. It rejects broken sets within seconds."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import BinaryIO

from app.formats.archive import ZipEntry, read_beginning
from app.formats.limits import DatasetLimits
from worker.intake.images.image_header import Shape, read_image_header
from worker.intake.images.layout import ImageFile

MOST_ODD = 200


@dataclass(frozen=True)
class QuickCheck:
    """Result of the check.

    `odd`: at most 200 images to decode first, as they look broken or have an unusual size.
    `sizes`: names by (height, width). None if the size of some images is unknown.
    """

    odd: list[ZipEntry]
    sizes: dict[Shape, list[str]] | None


def check_quickly(file: BinaryIO, files: list[ImageFile], limits: DatasetLimits) -> QuickCheck:
    """Check the first MiB of each image, and the checksum if that is the whole file.

    Raises: Refused (zip-checksum, zip-corrupt, zip-truncated).
    """
    broken: list[ZipEntry] = []
    sizes: dict[Shape | None, list[ZipEntry]] = {}
    for entry in sorted([item.entry for item in files], key=attrgetter("begin")):
        data = read_beginning(file, entry)
        size, odd = read_image_header(data, len(data) == entry.size)
        if odd:
            broken.append(entry)
        elif size in sizes:
            sizes[size].append(entry)
        else:
            sizes[size] = [entry]
    by_size = {size: entries for size, entries in sizes.items() if size is not None}
    for size in [size for size in by_size if not limits.smallest_side <= min(size) <= max(size) <= limits.side]:
        broken += by_size.pop(size)
    rarer = [entry for entries in sorted(by_size.values(), key=len)[:-1] for entry in entries]
    names = {size: [entry.name for entry in entries] for size, entries in by_size.items()}
    return QuickCheck([*broken, *rarer][:MOST_ODD], None if broken or None in sizes else names)
