"""What a verifier finds most similar to a submission."""

import numpy as np

from worker.evidence.likeness import PublicImages, likenesses
from worker.evidence.private_set import References


class Counting:
    """A verifier that looks at one pixel and counts the images that it embeds."""

    name, digest = "counting", "sha256:" + "0" * 64

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Embed an image as the direction of its first pixel."""
        self.embedded += len(images)
        angle = images[:, 0, 0].astype(np.float32) * np.pi / 510
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def images(*pixels: int) -> np.ndarray:
    """Return an image of each shade."""
    return np.array(pixels, np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)


def test_the_most_similar_are_found_without_embedding_the_private_images_again() -> None:
    verifier = Counting()
    train = References(images(0, 10, 20, 30, 200), np.array([0, 0, 0, 0, 1]), np.array([7, 5, 3, 1, 9]))
    references, public = verifier.embed(train.images), verifier.embed(images(12, 90))
    verifier.embedded = 0
    [found] = likenesses(
        verifier,
        images(12),
        np.array([0]),
        train=train,
        references=references,
        gallery=np.array([0, 1, 2]),
        similarity=np.array([[0.9, 0.2, 0.5]]),
        classes=2,
        public=PublicImages(public, [0]),
    )
    assert verifier.embedded == 1
    assert [one.identity for one in found.neighbours] == [0, None, 1]
    assert [one.index for one in found.references] == [5, 3, 7]
    assert found.public is not None
    assert found.public.index == 1, "the nearest is a copy of a private image"
