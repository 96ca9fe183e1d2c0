"""The picture that stands for one that is not shown.

It has the size of the picture and depends on nothing else, so it says nothing about a person. A
blurred picture would: five pixels on a side were enough to find the right one among 1,800.
"""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LIGHT, DARK = 216, 200
STRIPES = 4
LARGEST_SIDE = 1024


@lru_cache(maxsize=64)
def cover(height: int, width: int) -> bytes:
    """Return a PNG of this size with grey stripes."""
    from PIL import Image, ImageDraw

    height, width = min(max(height, 1), LARGEST_SIDE), min(max(width, 1), LARGEST_SIDE)
    image = Image.new("L", (width, height), LIGHT)
    draw, step = ImageDraw.Draw(image), max(2, max(height, width) // STRIPES)
    for start in range(-height, width, step):
        draw.line((start, height, start + height, 0), fill=DARK, width=max(1, step // 2))
    return encode(image)


def encode(image: "Image") -> bytes:
    """Return an image as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
