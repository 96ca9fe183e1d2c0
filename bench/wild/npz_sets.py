"""Arrays of images as scripts save them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.wild.case import NAMES, ImageSet
from bench.wild.image_sets import photo, pixels

EACH = 4
IMAGES = np.stack([pixels(photo(who, number)) for who in range(len(NAMES)) for number in range(EACH)])
LABELS = np.repeat(np.arange(len(NAMES)), EACH)
HELD = np.arange(len(LABELS)) % EACH == EACH - 1
NUMBERS = [str(number) for number in range(len(NAMES))]
FIELDS = np.array(NAMES)


def _made(arrays: dict[str, Any], names: list[str], held: np.ndarray | None, folder: Path) -> ImageSet:
    """Write an .npz. `names`: the identities that must be found, by label."""
    np.savez(folder / "images.npz", **arrays)
    sides = np.zeros(len(LABELS), bool) if held is None else held
    found = [(names[k], bool(side), image) for k, side, image in zip(LABELS, sides, IMAGES, strict=True)]
    return ImageSet(folder / "images.npz", found)


def _npz(names: list[str], held: np.ndarray | None = None, **arrays: Any) -> Callable[[Path], ImageSet]:
    return partial(_made, arrays, names, held)


def npz_without_names(folder: Path) -> ImageSet:
    np.savez(folder / "images.npz", IMAGES, LABELS)
    return ImageSet(folder / "images.npz", [(NUMBERS[k], False, i) for k, i in zip(LABELS, IMAGES, strict=True)])


def npy(folder: Path) -> ImageSet:
    np.save(folder / "images.npy", IMAGES)
    return ImageSet(folder / "images.npy", [("", False, image) for image in IMAGES])


_KERAS = {"x_train": IMAGES[~HELD], "y_train": LABELS[~HELD], "x_test": IMAGES[HELD], "y_test": LABELS[HELD]}
_MEDMNIST = {
    **{"train_images": IMAGES[~HELD], "train_labels": LABELS[~HELD, None]},
    **{"test_images": IMAGES[HELD], "test_labels": LABELS[HELD, None]},
}
NPZ_SETS: dict[str, Callable[[Path], ImageSet]] = {
    "npz": _npz(NAMES, images=IMAGES, labels=LABELS, identities=FIELDS),
    "npz_numbers": _npz(NUMBERS, images=IMAGES, labels=LABELS),
    "npz_column_of_labels": _npz(NUMBERS, images=IMAGES, labels=LABELS[:, None]),
    "npz_names_as_labels": _npz(NAMES, images=IMAGES, labels=FIELDS[LABELS]),
    "npz_medmnist": _npz(NUMBERS, HELD, **_MEDMNIST),
    "npz_keras": _npz(NUMBERS, HELD, **_KERAS),
    "npz_data_target": _npz(NUMBERS, data=IMAGES, target=LABELS),
    "npz_capitals": _npz(NUMBERS, X=IMAGES, y=LABELS),
    "npz_without_names": npz_without_names,
    "npz_counted_from_1": _npz(NAMES, images=IMAGES, labels=LABELS + 1, identities=FIELDS),
    "npz_gaps": _npz([str(2 * n) for n in range(5)], images=IMAGES, labels=LABELS * 2),
    "npz_split_test": _npz(NUMBERS, HELD, images=IMAGES, labels=LABELS, split=np.where(HELD, "test", "train")),
    "npz_channels_first": _npz(NUMBERS, images=IMAGES.transpose(0, 3, 1, 2), labels=LABELS),
    "npz_floats": _npz(NUMBERS, images=IMAGES.astype(np.float32) / 255, labels=LABELS),
    "npz_16_bits": _npz(NUMBERS, images=IMAGES.astype(np.uint16) * 257, labels=LABELS),
    "npz_objects": _npz(NAMES, images=IMAGES, labels=LABELS, identities=np.array(NAMES, object)),
    "npy": npy,
}
