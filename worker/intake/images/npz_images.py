"""Images of an .npz, as bytes with the channels last."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from app.formats.archive import ZipEntry
from app.formats.limits import DatasetLimits
from app.formats.recipes import NPZ_OF_BYTES
from app.formats.refusal import Refused
from worker.intake.images.npy import NPZ_REMEDY, item_bytes
from worker.intake.images.npz_arrays import filled, open_array, refused
from worker.intake.images.raw_set import check_size

_WHOLE = 0.01
"""Largest distance of a value times 255 from a whole number, for images that were bytes before."""
_CHANNELS = (1, 3)


def read_images(file: BinaryIO, name: str, entry: ZipEntry, limits: DatasetLimits, notes: list[str]) -> np.ndarray:
    """Return images (N, H, W) or (N, H, W, C) uint8. What was changed is added to `notes`.

    Raises: Refused (npz-images, empty-set, set-too-large).
    """
    header, stream = open_array(file, entry)
    shape = header.shape
    floats = header.dtype[1] == "f"
    if header.dtype != "|u1" and not floats:
        raise _of_type(name, header.dtype)
    first = len(shape) == 4 and shape[1] in _CHANNELS and shape[3] not in _CHANNELS
    height, width, channels = (shape[2], shape[3], shape[1]) if first else (*shape[1:3], *(shape[3:] or (1,)))[:3]
    if len(shape) not in (3, 4) or channels not in _CHANNELS:
        alpha = " Remove the alpha channel: images[..., :3]." if len(shape) == 4 and channels == 4 else ""
        raise refused("npz-images", f"`{name}` has the shape {list(shape)}.{alpha}")
    if not shape[0]:
        raise Refused("empty-set", f"The set has no images: `{name}` has the shape {list(shape)}.")
    if not all(limits.smallest_side <= side <= limits.side for side in (height, width)):
        raise refused(
            "npz-images",
            f"`{name}` are {width}x{height} pixels. Sides must be {limits.smallest_side} to {limits.side} pixels",
        )
    check_size(shape[0], height, width, channels, limits)
    array = filled(header, stream, name)
    if floats:
        array = _bytes_of(array, name, header.dtype)
        notes.append(f"Multiplied the values of {name} by 255.")
    if first:
        array = np.moveaxis(array, 1, 3)
        notes.append(f"Moved the channels of {name} to the end.")
    return array


def _bytes_of(array: np.ndarray, name: str, dtype: str) -> np.ndarray:
    """Return floats from 0 to 1 that were bytes before as bytes. Raises: Refused (npz-images)."""
    made = np.empty(array.shape, np.uint8)
    for place, image in enumerate(array):
        values = image.astype(np.float32) * 255
        whole = np.rint(values)
        if not (np.isfinite(values).all() and (np.abs(values - whole) <= _WHOLE).all() and whole.min() >= 0) or (
            whole.max() > 255
        ):
            raise _of_type(name, dtype)
        made[place] = whole
    return made


def _of_type(name: str, dtype: str) -> Refused:
    recipe = NPZ_OF_BYTES if dtype[1] == "u" and item_bytes(dtype) == 2 else NPZ_REMEDY
    return refused("npz-images", f"`{name}` has dtype {dtype}, not uint8. {_type_hint(dtype)}", recipe)


def _type_hint(dtype: str) -> str:
    kind, bits = dtype[1], 8 * item_bytes(dtype)
    if kind == "f":
        return "Convert values in [0, 1] with (x * 255).round().astype('uint8')."
    if kind == "b":
        return "Convert it with (x * 255).astype('uint8')."
    if bits == 16:
        return "Scale it to 8 bits as in training, such as (x // 257).astype('uint8')."
    return "If all values are from 0 to 255, convert it with x.astype('uint8')."
