"""The blurred image that is shown by default. It does not show who is in the picture.

The image is averaged down to five pixels on its longer side, smoothed by a Gaussian, and enlarged
again. At most 25 numbers remain, too few to recognise a face or a character. Blurring does not
keep a secret: somebody who has the candidates can still compare averages. Reading it therefore
needs the same scope as reading the scores.
"""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 5
RADIUS = 0.8  # of the Gaussian, in pixels of the reduced image


def blurred(png: bytes) -> bytes:
    """Return a PNG of the same size, blurred beyond recognition and without metadata."""
    from PIL import Image, ImageFilter

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        plain = image.convert("L" if image.mode in {"1", "L", "LA", "I;16"} else "RGB")
    width, height = plain.size
    scale = SIDE / max(width, height)
    small = plain.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX)
    smooth = small.filter(ImageFilter.GaussianBlur(RADIUS)).resize((width, height), Image.Resampling.BICUBIC)
    return encode(smooth)


def encode(image: "Image") -> bytes:
    """Return an image as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
