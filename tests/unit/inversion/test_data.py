"""Conversions and digests of image arrays."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from worker.inversion.data import images_digest, to_tensor, to_uint8
from worker.inversion.errors import InvalidImages


@pytest.mark.parametrize("shape", [(3, 8, 9), (2, 8, 9, 3)])
def test_uint8_to_tensor_and_back_is_the_identity(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    x = to_tensor(images)
    assert x.shape == (shape[0], 1 if len(shape) == 3 else 3, 8, 9)
    assert x.min() >= 0
    assert x.max() <= 1
    assert np.array_equal(to_uint8(x), images)


def test_to_uint8_rounds_and_clips():
    x = torch.tensor([0.4 / 255, 0.6 / 255, 1.5, -1.0]).view(1, 1, 2, 2)
    assert to_uint8(x).ravel().tolist() == [0, 1, 255, 0]


def test_digest_is_over_type_shape_and_bytes():
    images = np.arange(64, dtype=np.uint8).reshape(1, 8, 8)
    expected = hashlib.sha256(b"|u1(1, 8, 8)" + images.tobytes()).hexdigest()
    assert images_digest(images) == f"sha256:{expected}"
    assert images_digest(images) == images_digest(np.asfortranarray(images))
    assert images_digest(images) != images_digest(images.reshape(1, 4, 16))
    changed = images.copy()
    changed[0, 0, 0] = 9
    assert images_digest(images) != images_digest(changed)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 8, 8), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((2, 8, 8, 2), np.uint8),
        np.zeros((0, 8, 8), np.uint8),
    ],
)
def test_what_is_not_an_image_set_is_rejected(wrong):
    with pytest.raises(InvalidImages):
        images_digest(wrong)
