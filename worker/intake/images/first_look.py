"""A look at every picture of a set before any is decoded: a set that has to be refused is refused in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import BinaryIO

from app.formats.archive import ZipEntry, read_beginning
from app.formats.limits import DatasetLimits
from worker.intake.images.glance import Shape, glance
from worker.intake.images.layout import ImageFile

MOST_ODD = 200


@dataclass(frozen=True)
class FirstLook:
    """`odd`: pictures to decode first, those that look broken and those of another size than most; at most 200.
    `sizes`: by (height, width), the names of the pictures that say so; None when some do not say."""

    odd: list[ZipEntry]
    sizes: dict[Shape, list[str]] | None


def look_first(file: BinaryIO, files: list[ImageFile], limits: DatasetLimits) -> FirstLook:
    """By the first MiB of each, whose checksum is compared where that is all.

    Raises: Refused (zip-checksum, zip-corrupt, zip-truncated).
    """
    broken: list[ZipEntry] = []
    sizes: dict[Shape | None, list[ZipEntry]] = {}
    for entry in sorted([item.entry for item in files], key=attrgetter("begin")):
        data = read_beginning(file, entry)
        size, odd = glance(data, len(data) == entry.size)
        if odd:
            broken.append(entry)
        elif size in sizes:
            sizes[size].append(entry)
        else:
            sizes[size] = [entry]
    told = {size: entries for size, entries in sizes.items() if size is not None}
    for size in [size for size in told if not limits.smallest_side <= min(size) <= max(size) <= limits.side]:
        broken += told.pop(size)
    rarer = [entry for entries in sorted(told.values(), key=len)[:-1] for entry in entries]
    names = {size: [entry.name for entry in entries] for size, entries in told.items()}
    return FirstLook([*broken, *rarer][:MOST_ODD], None if broken or None in sizes else names)
