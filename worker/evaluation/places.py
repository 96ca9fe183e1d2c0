"""Finds classes whose places are exchanged, by assigning classes to the model's labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from worker.evaluation.guessing import DRAWS, NO_GUESS

STRANGERS = 0.01
"""Probability with which strangers, each given a random label, may seem to have moved."""
OWN_SHARE = 0.25
"""Largest share of their images on which exchanged classes may keep their own label."""


@dataclass(frozen=True)
class Shares:
    """The share of the images of class `own` that the model labels `guess`, (P,) each.

    There is one entry per pair that occurs.

    Attributes:
        top: (K,) for each class with images, ascending, the entry with the largest share; the
            class's own label wins a tie.
    """

    own: np.ndarray
    guess: np.ndarray
    share: np.ndarray
    top: np.ndarray

    @classmethod
    def of(cls, guesses: np.ndarray, labels: np.ndarray) -> Shares:
        (own, guess), counts = np.unique(np.stack([labels, guesses]), axis=1, return_counts=True)
        share = np.where(guess == NO_GUESS, 0.0, counts / np.bincount(labels)[own])
        ranked = np.lexsort((own != guess, -share, own))
        return cls(own, guess, share, ranked[np.unique(own[ranked], return_index=True)[1]])

    def mean(self, classes: np.ndarray, names: np.ndarray) -> float:
        """Return the mean over `classes` of the share that is labelled as `names`, one each."""
        pairs = zip(classes.tolist(), names.tolist(), strict=True)
        return float(np.mean([self._of.get(pair, 0.0) for pair in pairs]))

    @cached_property
    def _of(self) -> dict[tuple[int, int], float]:
        pairs = zip(self.own.tolist(), self.guess.tolist(), strict=True)
        return dict(zip(pairs, self.share.tolist(), strict=True))


def exchanged(guesses: np.ndarray, labels: np.ndarray, classes: int, *, floor: float, seed: int = 0) -> np.ndarray:
    """Return the place (C,) of each class in the order that the guesses show, a permutation.

    Classes whose own label is the most frequent one on their images stay. The others are assigned
    to the remaining labels so that as many images as possible are correct. A group that exchanges
    places is accepted if more than `floor` of its images get the label of the new place and at
    most a quarter the old one, which two look-alikes do not do. A single class may move to the
    place of a class without images only if at least twice as many classes exchange places. Classes
    without images move only where their place is taken.

    A model of other people labels strangers as look-alikes, and some would seem to exchange
    places. The classes mostly given one other label must therefore take each other's places: all
    of them, or more of them than 99 % of sets of strangers with random labels would.
    """
    places, shares = np.arange(classes), Shares.of(guesses, labels)
    top = shares.top
    wrong = top[shares.own[top] != shares.guess[top]]
    lost, called = shares.own[wrong], shares.guess[wrong][shares.share[wrong] > 0.5]
    if not _are_exchanged(lost, called, classes, seed=seed):
        return places
    staying = shares.own[np.setdiff1d(top, wrong)]
    new = _assigned(shares, lost, np.setdiff1d(np.arange(classes), staying))
    groups = [g for g in _groups(lost, new, classes) if _has_moved(shares, lost[g], new[g], floor=floor)]
    exchanging = sum(len(group) for group in groups if len(group) > 1)
    alone = sum(len(group) == 1 for group in groups)
    for group in groups:
        if len(group) > 1 or 2 * alone <= exchanging:
            places[lost[group]] = new[group]
    unseen = np.setdiff1d(np.arange(classes), shares.own)
    crowded = unseen[np.isin(unseen, places[shares.own])]
    places[crowded] = np.setdiff1d(np.arange(classes), np.delete(places, crowded))
    return places


def _has_moved(shares: Shares, group: np.ndarray, new: np.ndarray, *, floor: float) -> bool:
    """Return whether these classes' images get the new labels, and hardly their old ones."""
    return shares.mean(group, new) > floor and shares.mean(group, group) <= OWN_SHARE


def _are_exchanged(lost: np.ndarray, called: np.ndarray, classes: int, *, seed: int) -> bool:
    """Return whether labels in `called` belong to classes in `lost` more often than by chance.

    Each label counts once. By chance, a class gets any label but its own.

    Args:
        lost: classes whose own label is not the most frequent one.
        called: the label of more than half of the images, for some of these classes.
    """
    exchanging = len(np.intersect1d(called, lost))
    if exchanging < 2 or exchanging == len(called):
        return exchanging >= 2
    rng = np.random.default_rng(seed)
    reached = 0
    for _ in range(DRAWS):
        drawn = rng.integers(0, classes - 1, len(called))  # the lost are numbered first
        drawn += drawn >= np.arange(len(called))
        reached += len(np.unique(drawn[drawn < len(lost)])) >= exchanging
    return (reached + 1) / (DRAWS + 1) <= STRANGERS


def _assigned(shares: Shares, lost: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the label in `free` for each class in `lost` (L,), each label at most once.

    A label that most images of exactly one class carry goes to that class. The others are assigned
    to maximise the sum of the shares.
    """
    from scipy.optimize import linear_sum_assignment  # takes long to import, and is hardly ever needed

    row, column = np.searchsorted(lost, shares.own), np.searchsorted(free, shares.guess)
    usable = np.isin(shares.own, lost) & np.isin(shares.guess, free)
    mostly = np.flatnonzero(usable & (shares.share > 0.5))
    claims = np.bincount(column[mostly], minlength=len(free))
    clear = mostly[claims[column[mostly]] == 1]
    assigned = np.full(len(lost), -1)
    assigned[row[clear]] = column[clear]
    rows, columns = np.flatnonzero(assigned < 0), np.setdiff1d(np.arange(len(free)), column[clear])
    rest = usable & np.isin(row, rows) & np.isin(column, columns)
    sums = np.where(lost[rows][:, None] == free[columns], 1e-6, 0.0)  # by default a class stays
    sums[np.searchsorted(rows, row[rest]), np.searchsorted(columns, column[rest])] = shares.share[rest]
    chosen_rows, chosen = linear_sum_assignment(sums, maximize=True)
    assigned[rows[chosen_rows]] = columns[chosen]
    names: np.ndarray = free[assigned]
    return names


def _groups(lost: np.ndarray, new: np.ndarray, classes: int) -> list[np.ndarray]:
    """Return positions in `lost`, by group that exchanges places.

    Groups are the connected components of class -> new place, without the classes that stay.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    moving = np.flatnonzero(lost != new)
    graph = coo_array((np.ones(len(moving)), (lost[moving], new[moving])), shape=(classes, classes))
    _, part = connected_components(graph, directed=False)
    parts = part[lost[moving]]
    return [moving[parts == one] for one in np.unique(parts)]
