"""Exact permutation tests, over identities and over images, of whether a classifier guesses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc  # scipy.stats would take a second to import

LEVEL, CLEARLY = 0.05, 0.02
DRAWS, ENOUGH, CHUNK = 1_999, 200, 1 << 18
ROUNDING = 1e-9
FEWEST_WAYS = 100
ENUMERATED = 7
"""Up to this number of classes, all permutations of the names are enumerated: 7! = 5,040."""
NO_GUESS = -1
"""Marks an image without a guess (a tie, or NaN or infinite outputs). It is never correct."""


@dataclass(frozen=True)
class Guessing:
    """The p-value of a test against guessing.

    `decides` is false where even a perfect classifier could not be told from guessing, for example
    with one image of each of two people. The p-value then says nothing about the classifier.
    """

    p_value: float
    decides: bool

    @property
    def at_chance(self) -> bool:
        """Whether the test could have rejected guessing and did not."""
        return self.decides and self.p_value > LEVEL


def against_guessing(guesses: np.ndarray, labels: np.ndarray, classes: int, *, seed: int = 0) -> Guessing:
    """Test whether `guesses` (N,) predict `labels` (N,), both class indices below `classes`.

    The statistic is the accuracy, as a mean over identities. There are two tests, and both must
    reject:

    * Over identities: the names of the classes are permuted, and all images of an identity move
      together. The test is valid however similar the images of one identity are, and for a model
      that labels each stranger as one look-alike. It needs 100 permutations. Four classes have 24,
      and a model that confuses two of them, half and half, could not be told from guessing.
    * Over images: the labels are permuted among the images, so a constant model is never better
      than guessing. With four classes or fewer this test decides alone. It assumes independent
      images. A stronger test is not possible there: a model of two other people that gives each
      person one label looks correct in one case of four. If only one class has images, the number
      of correct guesses is compared with 1 / classes instead. The test counts only where a perfect
      classifier passes it.

    The second test runs only where the first rejects. With more than seven classes 1,999
    permutations are drawn. The p-value counts the observed one among them, which keeps the level
    exact.
    """
    labels, guesses = np.asarray(labels, np.int64), np.asarray(guesses, np.int64)
    if not len(labels):
        return Guessing(1.0, decides=False)
    present, counts = np.unique(labels, return_counts=True)
    ways = math.lgamma(classes + 1) - math.lgamma(classes - len(present) + 1)
    orders = math.lgamma(len(labels) + 1) - sum(math.lgamma(n + 1) for n in counts)
    if len(present) == 1:
        orders = len(labels) * math.log(classes)
    rng = np.random.default_rng(seed)
    values = []
    for test, deals, needed in ((_over_identities, ways, FEWEST_WAYS), (_over_images, orders, 1 / LEVEL)):
        if deals >= math.log(needed) - ROUNDING:
            values.append(test(guesses, labels, classes, rng))
            if values[-1] > LEVEL:
                break
    return Guessing(max(values, default=1.0), decides=bool(values))


def clearly_better(right: np.ndarray, other: np.ndarray) -> bool:
    """Return whether `right` (N,) is true clearly more often than `other` (McNemar, exact, 2 %).

    Both say of the same images whether a classifier labels them correctly.
    """
    won, lost = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    return bool(won > lost and _at_least(won, won + lost, 0.5) <= CLEARLY)


def _at_least(hits: int, n: int, chance: float) -> float:
    """Return the probability of at least so many hits of n, each with this chance.

    P(X >= hits) of a binomial X is the regularised incomplete beta function I(hits, n - hits + 1)
    at the chance.
    """
    return float(betainc(hits, n - hits + 1, chance))


def _over_identities(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """Return the share of all permutations of the names whose accuracy is no lower."""
    (own, guess), counts = np.unique(np.stack([labels, guesses]), axis=1, return_counts=True)
    weights = counts / np.bincount(labels)[own]
    observed = float(weights[own == guess].sum())
    if classes <= ENUMERATED:
        every = np.array(list(itertools.permutations(range(classes))))
        return float(np.mean((every[:, own] == guess) @ weights >= observed - ROUNDING))
    deals = _deals(np.arange(classes), rng, width=max(classes, len(own)))
    return _drawn_share(observed, ((names[:, own] == guess) @ weights for names in deals))


def _over_images(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """Return the share of drawn permutations of the labels whose accuracy is no lower."""
    if (labels == labels[0]).all():
        return _at_least(int(np.sum(guesses == labels)), len(labels), 1 / classes)
    weights = 1 / np.maximum(np.bincount(labels), 1)
    observed = float(weights[labels[labels == guesses]].sum())
    deals = _deals(labels, rng, width=len(labels))
    return _drawn_share(observed, (np.where(dealt == guesses, weights[dealt], 0.0).sum(1) for dealt in deals))


def _deals(values: np.ndarray, rng: np.random.Generator, *, width: int) -> Iterator[np.ndarray]:
    """Yield `DRAWS` permutations of the values, several rows at a time.

    `width` is the number of values that each row is compared with. It bounds the memory of a
    chunk.
    """
    rows = max(1, CHUNK // width)
    for at in range(0, DRAWS, rows):
        yield rng.permuted(np.tile(values, (min(rows, DRAWS - at), 1)), axis=1)


def _drawn_share(observed: float, drawn: Iterable[np.ndarray]) -> float:
    """Return the share of permutations that reach `observed`, which counts as one of them.

    Sampling stops early if the share is clearly above the level (Besag and Clifford, 1991).
    Source: Phipson and Smyth, 2010.
    """
    reached, deals = 0, 0
    for accuracies in drawn:
        reached, deals = reached + int(np.sum(accuracies >= observed - ROUNDING)), deals + len(accuracies)
        if reached >= ENOUGH:
            break
    return (reached + 1) / (deals + 1)
