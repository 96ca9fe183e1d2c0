"""Embeddings of many images: computed in parts, with progress."""

import numpy as np
import pytest

from worker.evidence import embeddings


class Sums:
    """A verifier whose embedding is the sum of an image."""

    name, digest = "sums", "sha256:0"

    def embed(self, images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1).sum(1, keepdims=True).astype(np.float32)


@pytest.mark.parametrize("count", [1, 4, 10])
def test_images_are_embedded_in_chunks_with_progress(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "CHUNK", 4)
    images = np.random.default_rng(0).integers(0, 256, (count, 2, 2), np.uint8)
    seen: list[tuple[int, int]] = []
    found = embeddings.in_chunks(Sums(), images, lambda done, total, _: seen.append((done, total)))
    np.testing.assert_array_equal(found, Sums().embed(images))
    assert seen == [(done, count) for done in {1: [1], 4: [4], 10: [4, 8, 10]}[count]]
