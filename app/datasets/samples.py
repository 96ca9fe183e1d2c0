"""A sheet of sample images of a data set. Pure functions."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 64
COLUMNS = 8
LARGEST_SIDE = 96
"""Of an image on the sheet, in pixels. Larger images are made smaller."""
GAP = 2


def chosen(images: int) -> list[int]:
    """Return the indices of the samples of a set: 64 at most, at equal distances."""
    count = min(images, MOST)
    return [place * images // count for place in range(count)]


def sheet_size(images: int, height: int, width: int) -> tuple[int, int]:
    """Return height and width of the sheet of a set whose images have this size, in pixels."""
    count = min(images, MOST)
    columns = columns_of(count)
    rows, (high, wide) = math.ceil(count / columns), _cell(height, width)
    return rows * (high + GAP) - GAP, columns * (wide + GAP) - GAP


def columns_of(count: int) -> int:
    """Return the images in a row of the sheet."""
    return min(COLUMNS, math.ceil(math.sqrt(count)))


def sheet(images: Sequence["Image"]) -> "Image":
    """Return the images of one size, in rows. The gaps are transparent."""
    from PIL import Image

    width, height = images[0].size
    high, wide = _cell(height, width)
    columns = columns_of(len(images))
    tall, broad = sheet_size(len(images), height, width)
    made = Image.new("RGBA", (broad, tall), (0, 0, 0, 0))
    for number, image in enumerate(images):
        cell = image if image.size == (wide, high) else image.resize((wide, high), Image.Resampling.BOX)
        made.paste(cell.convert("RGBA"), ((number % columns) * (wide + GAP), (number // columns) * (high + GAP)))
    return made


def _cell(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))
