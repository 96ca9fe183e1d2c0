"""Is a classifier better than guessing? Exact permutation tests over identities and over images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

LEVEL, CLEARLY = 0.05, 0.02
DRAWS = 1_999
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
      for one look-alike. With three classes there are only six ways to deal, so it cannot reject.
    * Over images: the labels are dealt out anew among the images, so a constant model is never better than guessing.
      With three classes or fewer this test decides alone. It takes the images to be independent. Nothing better is
      possible there: a model of two other people that takes one person for each looks right in one case of four.
      Where only one class has images, the number of right ones is compared with 1 / classes instead.

    A test counts only where a flawless classifier passes it. With more than seven classes 1,999 deals are drawn, and
    the p-value counts the observed one among them, which keeps the level exact.
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
    if ways >= -math.log(LEVEL):
        values.append(_over_identities(guesses, labels, classes, rng))
    if orders >= -math.log(LEVEL):
        values.append(_over_images(guesses, labels, classes, rng))
    return Guessing(max(values, default=1.0), decides=bool(values))


def clearly_better(right: np.ndarray, other: np.ndarray) -> bool:
    """Whether one classifier is right (N,) clearly more often than another on the same images (McNemar, exact, 2 %)."""
    won, lost = int(np.sum(right & ~other)), int(np.sum(other & ~right))
    return bool(won > lost and binom.sf(won - 1, won + lost, 0.5) <= CLEARLY)


def _over_identities(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """The share of all ways to name the classes under which the accuracy is no lower."""
    pairs, counts = np.unique(np.stack([labels, guesses]), axis=1, return_counts=True)
    own, guess = pairs
    weights = counts / np.bincount(labels)[own]
    observed = float(weights[own == guess].sum())
    if classes <= ENUMERATED:
        deals: Iterable[np.ndarray] = (np.array(names) for names in itertools.permutations(range(classes)))
        drawn = 0
    else:
        deals, drawn = _permutations(np.arange(classes), rng), 1
    return _share_reaching(observed, (float(weights[names[own] == guess].sum()) for names in deals), drawn)


def _over_images(guesses: np.ndarray, labels: np.ndarray, classes: int, rng: np.random.Generator) -> float:
    """The share of drawn assignments of the labels to the images under which the accuracy is no lower."""
    if (labels == labels[0]).all():
        return float(binom.sf(np.sum(guesses == labels) - 1, len(labels), 1 / classes))
    weights = 1 / np.maximum(np.bincount(labels), 1)
    observed = float(weights[labels[labels == guesses]].sum())
    deals = _permutations(labels, rng)
    return _share_reaching(observed, (float(weights[dealt[dealt == guesses]].sum()) for dealt in deals), 1)


def _permutations(values: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    for _ in range(DRAWS):
        yield rng.permutation(values)


def _share_reaching(observed: float, others: Iterable[float], drawn: int) -> float:
    """The share of `others` that reach `observed`, which itself is counted among drawn ones (Phipson, Smyth, 2010)."""
    reached = [other >= observed - 1e-9 for other in others]
    return (sum(reached) + drawn) / (len(reached) + drawn)
