"""Image sets of a few synthetic identities in the form that the benchmarks read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

IDENTITIES = 4


def squares(identity: int, count: int, seed: int, size: int = 64) -> np.ndarray:
    """Return `count` images (count, size, size, 3) of a square.

    Its place and colour depend on the identity.
    """
    rng = np.random.default_rng([identity, seed])
    images = rng.integers(0, 60, (count, size, size, 3), dtype=np.uint8)
    place = identity % 5 * size // 5
    for image in images:
        image[place : place + size // 4, place : place + size // 3, identity % 3] = rng.integers(180, 256)
    return images


def write_zip(path: Path, folders: dict[str, np.ndarray]) -> None:
    """Write one PNG per image, named by its number, in the folder of its key."""
    with zipfile.ZipFile(path, "w") as archive:
        for folder, images in folders.items():
            for i, image in enumerate(images):
                buffer = io.BytesIO()
                Image.fromarray(image).save(buffer, "PNG")
                archive.writestr(f"{folder}/{i:03}.png", buffer.getvalue())
