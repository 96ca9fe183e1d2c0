"""Precision, recall, density and coverage of generated images, by k-nearest-neighbour balls."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from worker.evaluation.statistics import Estimate, ratio_of_sums


class PRDC(NamedTuple):
    """precision, recall, coverage in [0, 1]; density from 0, about 1 for similar sets."""

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: np.ndarray, fake: np.ndarray, *, k: int = 5) -> PRDC:
    """Return the standard definition (Naeem et al., 2020).

    With r(x) the distance from x to its k-th nearest neighbour in the same set:
    * precision: share of fakes in the ball r(real_i) of some real image.
    * recall: share of real images in the ball of some fake.
    * density: 1/(k M) times the sum over fakes of the number of real images whose ball contains
      it.
    * coverage: share of real images whose ball contains a fake.

    Args:
        real: (N, d), fake: (M, d), each with more than k images.
    Raises: ValueError with fewer.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"precision and recall by {k} neighbours need more than {k} images in each set")
    precision, recall, density, coverage = _members(real, fake, k)
    return PRDC(float(precision.mean()), float(recall.mean()), float(density.mean()), float(coverage.mean()))


def prdc_estimates(
    real: np.ndarray, labels: np.ndarray, fake: np.ndarray, identities: np.ndarray, *, k: int = 5, seed: int = 0
) -> dict[str, Estimate]:
    """Return the figures of `prdc` by name, with interval and n over identities.

    These are the identities of the fakes for precision and density, else those of the real images.
    An identity with more images weighs more, as in the standard definition.
    """
    found = _members(real, fake, k)
    of = (identities, labels, identities, labels)
    out = {}
    for name, each, identity in zip(PRDC._fields, found, of, strict=True):
        _, group = np.unique(identity, return_inverse=True)
        sums = np.bincount(group, each.astype(np.float64))
        out[name] = ratio_of_sums(sums, np.bincount(group), most=max(1.0, float(each.max())), seed=seed)
    return out


def _members(real: np.ndarray, fake: np.ndarray, k: int) -> tuple[np.ndarray, ...]:
    """Return each image's share of precision (M,), recall (N,), density (M,) and coverage (N,)."""
    between = cdist(real, fake)
    real_radius, fake_radius = _radius(real, k), _radius(fake, k)
    in_real = between < real_radius[:, None]
    in_fake = between < fake_radius[None, :]
    return np.any(in_real, 0), np.any(in_fake, 1), np.sum(in_real, 0) / k, between.min(1) < real_radius


def _radius(x: np.ndarray, k: int) -> np.ndarray:
    radius: np.ndarray = np.partition(cdist(x, x), k, axis=1)[:, k]  # the 0-th is the image itself
    return radius
