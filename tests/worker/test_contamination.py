"""Near-duplicates are found in their usual forms, and other images are kept."""

import numpy as np
from PIL import Image

from tests.worker.test_verified import PixelVerifier
from tests.worker.tiny import blobs
from worker.evidence.contamination import find_contamination


def test_equal_pixels_are_exact() -> None:
    public, _ = blobs(range(100, 110), 2, seed=0)
    private, _ = blobs(range(5), 2, seed=1)
    public[3], public[7] = private[4], private[0]
    assert find_contamination(public, private).exact == (3, 7)


def test_brighter_and_rescaled_copies_are_near() -> None:
    public, _ = blobs(range(100, 110), 2, seed=0)
    private, _ = blobs(range(5), 2, seed=1)
    public[2] = np.clip(private[1].astype(float) * 0.8 + 20, 0, 255)
    rescaled = Image.fromarray(private[2]).resize((64, 64), Image.Resampling.BICUBIC).resize((32, 32))
    public[5] = np.asarray(rescaled)
    found = find_contamination(public, private)
    assert (found.exact, found.near) == ((), (2, 5))
    assert found.dropped == [2, 5]


def test_other_pictures_of_the_same_thing_are_no_duplicates() -> None:
    first, _ = blobs(range(5), 3, seed=0)
    second, _ = blobs(range(5), 3, seed=1)
    assert find_contamination(first, second).dropped == []


def test_flat_images_match_nothing_but_themselves() -> None:
    flat = np.full((2, 32, 32), 255, np.uint8)
    private, _ = blobs(range(3), 2, seed=0)
    assert find_contamination(flat, private).dropped == []
    assert find_contamination(flat, np.concatenate([private, flat[:1]])).exact == (0, 1)


def test_colour_images_are_compared_too() -> None:
    rng = np.random.default_rng(0)
    public = rng.integers(0, 255, (4, 16, 16, 3), dtype=np.uint8)
    private = rng.integers(0, 255, (3, 16, 16, 3), dtype=np.uint8)
    public[1] = private[2]
    assert find_contamination(public, private).dropped == [1]


def test_mirrored_copies_are_near() -> None:
    public, _ = blobs(range(100, 110), 2, seed=0)
    private, _ = blobs(range(5), 2, seed=1)
    public[4] = private[3][:, ::-1]
    assert find_contamination(public, private).near == (4,)


def test_copies_that_only_the_verifiers_see_are_alike_and_other_pictures_of_the_same_thing_are_not() -> None:
    public, _ = blobs(range(20), 2, seed=0)
    private, labels = blobs(range(20), 6, seed=1)
    verifiers = [PixelVerifier(1), PixelVerifier(2)]
    half = private[7].copy()
    half[24:] = 20  # too much is missing for the coarse comparison
    public[9] = half

    class Tops(PixelVerifier):
        """A verifier that only sees the upper part."""

        def embed(self, images: np.ndarray) -> np.ndarray:
            return super().embed(images[:, :24])

    assert find_contamination(public, private, labels, verifiers).dropped == []  # type: ignore[arg-type]
    found = find_contamination(public, private, labels, [Tops(1), Tops(2)])  # type: ignore[list-item]
    assert (found.alike, found.near) == ((9,), ())
