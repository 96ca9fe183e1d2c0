"""Decoder for image files: four formats, limited size, no metadata, no animation."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from app.formats.limits import DatasetLimits
from worker.intake.images.effort import excess

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_ORIENTATION = 0x0112
_PNG, _PNG_DEPTH = b"\x89PNG\r\n\x1a\n", 24
_SEVERAL = "MPO"
"""A JPEG with more images after the first: another view, a thumbnail, or a gain map."""
_ALPHA = frozenset({"RGBA", "LA", "PA"})
_DEEP_GREY = "is grey with 16 bits per pixel (scale it to 8 bits as in training, such as (x // 257).astype('uint8'))"
_GREY, _COLOUR = frozenset({"1", "L", "LA"}), frozenset({"P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})


class ImageRefusedError(ValueError):
    """The image is not accepted. The message says why."""


@dataclass(frozen=True)
class Decoded:
    """One decoded image.

    Attributes:
        pixels: (H, W) or (H, W, 3) uint8.
        turned: an EXIF orientation was dropped without applying it.
        transparent: some pixels were transparent. Their transparency was dropped.
        deep: 16 bits per channel were reduced to 8.
        cmyk: converted from CMYK without a colour profile.
        several: the file has several images (MPO, from cameras and phones). The first was used.
    """

    pixels: np.ndarray
    turned: bool = False
    transparent: bool = False
    deep: bool = False
    cmyk: bool = False
    several: bool = False


def decode(data: bytes, limits: DatasetLimits) -> Decoded:
    """Decode an image. Size and number of parts are checked before any pixel is decoded.

    All metadata is dropped, including the EXIF orientation: torchvision's and timm's loaders, with
    which the model was probably trained, do not apply it either.

    Raises: ImageRefusedError.
    """
    Image.MAX_IMAGE_PIXELS = limits.side**2
    if (what := excess(data)) is not None:
        raise ImageRefusedError(what)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check(image, limits)
                turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
                several = image.format == _SEVERAL
                image.load()
                return Decoded(
                    np.asarray(image.convert("L" if image.mode in _GREY else "RGB")),
                    turned=turned,
                    transparent=_is_transparent(image),
                    deep=data.startswith(_PNG) and data[_PNG_DEPTH] == 16,
                    cmyk=image.mode == "CMYK",
                    several=several,
                )
    except ImageRefusedError:
        raise
    except UnidentifiedImageError:
        raise ImageRefusedError(f"is not a {', '.join(FORMATS[:-1])} or {FORMATS[-1]} image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefusedError(f"has more than {limits.side}x{limits.side} pixels") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (Pillow's decoders raise nearly anything for a broken file)
        raise ImageRefusedError(f"is broken ({type(error).__name__}: {str(error)[:100]})") from None


def _is_transparent(image: Image.Image) -> bool:
    """Return whether any pixel is transparent. An alpha channel may be opaque everywhere."""
    if image.mode not in _ALPHA and "transparency" not in image.info:
        return False
    low, _ = image.convert("RGBA").getchannel("A").getextrema()
    return isinstance(low, (int, float)) and low < 255


def _check(image: Image.Image, limits: DatasetLimits) -> None:
    width, height = image.size
    if not (limits.smallest_side <= min(width, height) and max(width, height) <= limits.side):
        raise ImageRefusedError(
            f"has {width}x{height} pixels (sides must be {limits.smallest_side} to {limits.side} pixels)"
        )
    if image.mode not in _GREY | _COLOUR:
        raise ImageRefusedError(_DEEP_GREY if image.mode.startswith("I") else f"has pixels of mode {image.mode}")
    if image.format != _SEVERAL and getattr(image, "n_frames", 1) != 1:
        raise ImageRefusedError("is an animation (save one frame as a still image)")
