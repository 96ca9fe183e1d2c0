"""Face classifiers of known truth: one that leaks, and four that should leak less or nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from bench.attacks.faces import TARGETS
from bench.attacks.image_sets import LabelledImages, other_people, private_sets
from bench.make.train_target import train_target
from worker.inversion.data import to_tensor
from worker.inversion.targets import Target

FEW = 5
"""Training images of each person of the model that memorises."""
ERASED, SHARE = 4, (0.1, 0.4)
"""Copies of each training image with a rectangle erased, and the share of its area."""
LOGIT_SCALE = 20.0
"""Scale of the regressed one-hot labels, so that the softmax is confident."""


@dataclass(frozen=True)
class FaceSets:
    """The private people, and as many other people of the public set."""

    train: LabelledImages
    test: LabelledImages
    others: LabelledImages

    @classmethod
    def read(cls, data: Path) -> FaceSets:
        train, test = private_sets(data / "lfw64-private.zip")
        return cls(train, test, other_people(data / "lfw64-public.zip", len(train.names))[0])


def ordinary(sets: FaceSets, seed: int) -> Target:
    """Return a classifier without defences."""
    return _trained(sets.train.images, sets.train.labels, seed)


def memorising(sets: FaceSets, seed: int) -> Target:
    """Return a classifier of few images of each person, trained to the end without views."""
    rows = np.concatenate([np.flatnonzero(sets.train.labels == k)[:FEW] for k in range(len(sets.train.names))])
    recipe = dataclasses.replace(TARGETS["small-cnn"], affine=0.0, mirror=False, epochs=120, seed=seed)
    return train_target(sets.train.images[rows], sets.train.labels[rows], recipe)


def null(sets: FaceSets, seed: int) -> Target:
    """Return a classifier of as many other people, described with the private people's names."""
    return _trained(sets.others.images, sets.others.labels, seed)


def frozen_features(sets: FaceSets, seed: int) -> Target:
    """Return the null model with a last layer fitted to the private people.

    Only the last layer has seen them, by ridge regression of one-hot labels on the features.
    """
    T = null(sets, seed)
    with torch.no_grad():
        parts = [T(part).features for part in torch.split(to_tensor(sets.train.images), 256)]
        P = torch.cat(parts).double()
        mean, Y = P.mean(0), nn.functional.one_hot(torch.from_numpy(sets.train.labels)).double()
        gram = (P - mean).T @ (P - mean)
        ridge = 0.01 * gram.diagonal().mean() * torch.eye(len(gram), dtype=torch.float64)
        W = torch.linalg.solve(gram + ridge, (P - mean).T @ (Y - Y.mean(0))) * LOGIT_SCALE
        head = T.network.head
        assert isinstance(head, nn.Linear)
        head.weight.copy_(W.T.float())
        head.bias.copy_((-(mean @ W)).float())
    return T


def random_erasing(sets: FaceSets, seed: int) -> Target:
    """Return a classifier trained on images with erased rectangles (MIDRE, Tran et al., 2024)."""
    rng = np.random.default_rng(seed)
    images = np.concatenate([erased(sets.train.images, rng) for _ in range(ERASED)])
    recipe = dataclasses.replace(TARGETS["small-cnn"], epochs=TARGETS["small-cnn"].epochs // ERASED, seed=seed)
    return train_target(images, np.tile(sets.train.labels, ERASED), recipe)


def erased(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return copies of images (N, H, W, 3) with a rectangle of random colours in each."""
    out, (h, w) = images.copy(), images.shape[1:3]
    for image in out:
        area, ratio = rng.uniform(*SHARE) * h * w, rng.uniform(0.5, 2.0)
        tall, wide = (min(h, round((area * ratio) ** 0.5)), min(w, round((area / ratio) ** 0.5)))
        top, left = rng.integers(0, h - tall + 1), rng.integers(0, w - wide + 1)
        image[top : top + tall, left : left + wide] = rng.integers(0, 256, (tall, wide, image.shape[2]))
    return out


MODELS: dict[str, Callable[[FaceSets, int], Target]] = {
    "ordinary": ordinary,
    "memorising": memorising,
    "null": null,
    "frozen-features": frozen_features,
    "random-erasing": random_erasing,
}


def _trained(images: np.ndarray, labels: np.ndarray, seed: int) -> Target:
    return train_target(images, labels, dataclasses.replace(TARGETS["small-cnn"], seed=seed))
