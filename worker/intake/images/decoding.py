"""One image file to pixels: four formats, bounded size, no metadata, no second frame."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from worker.intake.limits import DatasetLimits

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_ORIENTATION = 0x0112
_GREY, _COLOUR = frozenset({"1", "L", "LA"}), frozenset({"P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})


class ImageRefusedError(ValueError):
    """The file is no image that is taken; the message says why."""


@dataclass(frozen=True)
class Decoded:
    """pixels (H, W) or (H, W, 3) uint8; `turned` when an EXIF orientation was dropped unapplied."""

    pixels: np.ndarray
    turned: bool
    transparent: bool


def decode(data: bytes, limits: DatasetLimits) -> Decoded:
    """Decode fully. The size is checked from the header, before any pixel.

    EXIF and every other metadata is dropped, the orientation too: torchvision's and timm's loaders, with which the
    model was most likely trained, do not apply it either.

    Raises: ImageRefusedError.
    """
    Image.MAX_IMAGE_PIXELS = limits.side**2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check(image, limits)
                turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
                transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
                image.load()
                pixels = np.asarray(image.convert("L" if image.mode in _GREY else "RGB"))
    except ImageRefusedError:
        raise
    except UnidentifiedImageError:
        raise ImageRefusedError(f"is no {', '.join(FORMATS[:-1])} or {FORMATS[-1]} image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefusedError(f"has more than {limits.side}x{limits.side} pixels") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (Pillow's decoders raise nearly anything for a broken file)
        raise ImageRefusedError(f"is broken ({type(error).__name__}: {str(error)[:100]})") from None
    return Decoded(pixels, turned, transparent)


def _check(image: Image.Image, limits: DatasetLimits) -> None:
    width, height = image.size
    if not (limits.smallest_side <= min(width, height) and max(width, height) <= limits.side):
        raise ImageRefusedError(
            f"has {width}x{height} pixels; sides of {limits.smallest_side} to {limits.side} are taken"
        )
    if image.mode not in _GREY | _COLOUR:
        raise ImageRefusedError(f"has pixels of mode {image.mode}; 8 bits a channel are taken")
    if getattr(image, "n_frames", 1) != 1:
        raise ImageRefusedError("is an animation; single images are taken")
