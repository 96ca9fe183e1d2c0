"""Is a classifier better than guessing? Exact permutation tests over identities and over images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

LEVEL, CLEARLY = 0.05, 0.02
DRAWS, ENOUGH, CHUNK = 1_999, 200, 1 << 18
ROUNDING = 1e-9
FEWEST_WAYS = 100
ENUMERATED = 7
"""With so many classes or fewer every way to deal out the names is counted: 7! = 5,040."""
NO_GUESS = -1
"""The guess where a classifier gives none: a tie, or outputs that are not numbers. It is never right."""


@dataclass(frozen=True)
class Guessing:
    """The p-value of a test against guessing.

    `decides` is false where even a flawless classifier could not be told from guessing, for example with one image of
    each of two people. The p-value then says nothing about the classifier.
    """

    p_value: float
    decides: bool

    @property
    def at_chance(self) -> bool:
        """The test could have shown that this is not guessing, and did not."""
        return self.decides and self.p_value > LEVEL


def against_guessing(guesses: np.ndarray, labels: np.ndarray, classes: int, *, seed: int = 0) -> Guessing:
    """Test whether `guesses` (N,) know anything about `labels` (N,), both class indices below `classes`.

    The statistic is the accuracy, as a mean over identities. There are two tests, and both must reject:

    * Over identities: the names of the classes are dealt out anew, and all images of an identity move together. This
      test holds however much the images of one identity resemble each other, and for a model that takes each stranger
      for one look-alike. It needs 100 ways to deal. With four classes there are 24, and a model that confuses two of
      them, half and half, could not be told from guessing.
    * Over images: the labels are dealt out anew among the images, so a constant model is never better than guessing.
      With four classes or fewer this test decides alone. It takes the images to be independent. Nothing better is
      possible there: a model of two other people that takes one person for each looks right in one case of four.
      Where only one class has images, the number of right ones is compared with 1 / classes instead. The test counts
      only where a flawless classifier passes it.

    The second test runs only where the first rejects. With more than seven classes 1,999 deals are drawn, and the
    p-value counts the observed one among them, which keeps the level exact.
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
    """Whether one classifier is right (N,) clearly more often than another on the same images (McNemar, exact, 2 %)."""
    won, lost = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    return bool(won > lost and binom.sf(won - 1, won + lost, 0.5) <= CLEARLY)


def _over_identities(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """The share of all ways to name the classes under which the accuracy is no lower."""
    (own, guess), counts = np.unique(np.stack([labels, guesses]), axis=1, return_counts=True)
    weights = counts / np.bincount(labels)[own]
    observed = float(weights[own == guess].sum())
    if classes <= ENUMERATED:
        every = np.array(list(itertools.permutations(range(classes))))
        return float(np.mean((every[:, own] == guess) @ weights >= observed - ROUNDING))
    deals = _deals(np.arange(classes), rng, width=max(classes, len(own)))
    return _drawn_share(observed, ((names[:, own] == guess) @ weights for names in deals))


def _over_images(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """The share of drawn assignments of the labels to the images under which the accuracy is no lower."""
    if (labels == labels[0]).all():
        return float(binom.sf(np.sum(guesses == labels) - 1, len(labels), 1 / classes))
    weights = 1 / np.maximum(np.bincount(labels), 1)
    observed = float(weights[labels[labels == guesses]].sum())
    deals = _deals(labels, rng, width=len(labels))
    return _drawn_share(observed, (np.where(dealt == guesses, weights[dealt], 0.0).sum(1) for dealt in deals))


def _deals(values: np.ndarray, rng: np.random.Generator, *, width: int) -> Iterator[np.ndarray]:
    """`DRAWS` orders of the values, some rows at a time; `width` is what a row is compared with."""
    rows = max(1, CHUNK // width)
    for at in range(0, DRAWS, rows):
        yield rng.permuted(np.tile(values, (min(rows, DRAWS - at), 1)), axis=1)


def _drawn_share(observed: float, drawn: Iterable[np.ndarray]) -> float:
    """The share of the deals that reach `observed`, which counts as one of them (Phipson and Smyth, 2010).

    The draws end early where it is clearly above the level (Besag and Clifford, 1991).
    """
    reached, deals = 0, 0
    for accuracies in drawn:
        reached, deals = reached + int(np.sum(accuracies >= observed - ROUNDING)), deals + len(accuracies)
        if reached >= ENOUGH:
            break
    return (reached + 1) / (deals + 1)
