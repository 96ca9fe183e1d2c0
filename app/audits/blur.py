"""The derivative that is shown by default: enough to see that there is a picture, not who is in it.

The image is averaged down to five pixels on its longer side, smoothed by a Gaussian, and enlarged again. What is left
are 25 numbers at most, fewer than any face or character can be told by; it is no secret-keeping, though: somebody who
has the candidates can still compare averages. So it needs the same right to read as the scores.
"""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 5
RADIUS = 0.8  # of the Gaussian, in those large pixels


def blurred(png: bytes) -> bytes:
    """A PNG of the same size, blurred beyond recognition; nothing but pixels is kept."""
    from PIL import Image, ImageFilter

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        plain = image.convert("L" if image.mode in {"1", "L", "LA", "I;16"} else "RGB")
    width, height = plain.size
    scale = SIDE / max(width, height)
    small = plain.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX)
    smooth = small.filter(ImageFilter.GaussianBlur(RADIUS)).resize((width, height), Image.Resampling.BICUBIC)
    return encode(smooth)


def encode(image: "Image") -> bytes:
    """An image as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
