"""Which classes of a model stand in each other's places? An assignment of the classes to what the model calls them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from worker.evaluation.guessing import DRAWS, NO_GUESS

STRANGERS = 0.01
"""How often strangers, each called by a random name, may seem to have exchanged places."""
OWN_SHARE = 0.25
"""The largest share of the images of classes that have exchanged places that still carry the own name."""


@dataclass(frozen=True)
class Shares:
    """The share of the images of class `own` that the model calls `guess`: (P,) each, one entry per pair that occurs.

    Attributes:
        top: (K,) for each class with images, ascending, the entry with the largest share; its own name wins a tie.
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
        """The mean over `classes` of the share that carries the name of `names`, one for each."""
        pairs = zip(classes.tolist(), names.tolist(), strict=True)
        return float(np.mean([self._of.get(pair, 0.0) for pair in pairs]))

    @cached_property
    def _of(self) -> dict[tuple[int, int], float]:
        pairs = zip(self.own.tolist(), self.guess.tolist(), strict=True)
        return dict(zip(pairs, self.share.tolist(), strict=True))


def exchanged(guesses: np.ndarray, labels: np.ndarray, classes: int, *, floor: float, seed: int = 0) -> np.ndarray:
    """The place (C,) of each class in the order that the guesses show: a permutation, in which most classes may stay.

    Classes whose own name is the most frequent one on their images stay. The others are assigned to the remaining
    names so that as many images as possible are right. Groups that exchange places that way are kept where more than
    `floor` of their images carry the name of the new place and at most a quarter the own one: two people who look alike
    do not. A single class that moves to the place of one without images is kept beside twice as many that exchange
    places; that other class, like all without images, moves only where its place is taken.

    A model of other people takes strangers for look-alikes, and some would seem to have exchanged places. So the
    classes mostly called by one other name must take each other's places: all of them, or more of them than 99 % of
    sets of strangers, each called by a random name, would.
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
    """Whether the images of these classes carry the names of their new places, and hardly their own."""
    return shares.mean(group, new) > floor and shares.mean(group, group) <= OWN_SHARE


def _are_exchanged(lost: np.ndarray, called: np.ndarray, classes: int, *, seed: int) -> bool:
    """Whether the names `called`, of some of the classes `lost`, are names of `lost` more often than by chance.

    Each name counts once. Under chance a class is called by any name but its own.
    """
    exchanging = len(np.intersect1d(called, lost))
    if exchanging < 2 or exchanging == len(called):
        return exchanging >= 2
    rng = np.random.default_rng(seed)
    reached = 0
    for _ in range(DRAWS):
        drawn = rng.integers(0, classes - 1, len(called))  # the lost come first: class number i is called i or beyond
        drawn += drawn >= np.arange(len(called))
        reached += len(np.unique(drawn[drawn < len(lost)])) >= exchanging
    return (reached + 1) / (DRAWS + 1) <= STRANGERS


def _assigned(shares: Shares, lost: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The name in `free` that each class in `lost` (L,) is assigned to: (L,), each at most once.

    Names that one class alone has on most of its images are its own; the others are assigned so that the sum of the
    shares is as large as it can be.
    """
    row, column = np.searchsorted(lost, shares.own), np.searchsorted(free, shares.guess)
    usable = np.isin(shares.own, lost) & np.isin(shares.guess, free)
    mostly = np.flatnonzero(usable & (shares.share > 0.5))
    claims = np.bincount(column[mostly], minlength=len(free))
    clear = mostly[claims[column[mostly]] == 1]
    assigned = np.full(len(lost), -1)
    assigned[row[clear]] = column[clear]
    rows, columns = np.flatnonzero(assigned < 0), np.setdiff1d(np.arange(len(free)), column[clear])
    rest = usable & np.isin(row, rows) & np.isin(column, columns)
    sums = np.where(lost[rows][:, None] == free[columns], 1e-6, 0.0)  # without any reason to move a class stays
    sums[np.searchsorted(rows, row[rest]), np.searchsorted(columns, column[rest])] = shares.share[rest]
    chosen_rows, chosen = linear_sum_assignment(sums, maximize=True)
    assigned[rows[chosen_rows]] = columns[chosen]
    names: np.ndarray = free[assigned]
    return names


def _groups(lost: np.ndarray, new: np.ndarray, classes: int) -> list[np.ndarray]:
    """Positions in `lost` by groups that exchange places: the connected parts of class -> new place, less those that
    stay."""
    moving = np.flatnonzero(lost != new)
    graph = coo_array((np.ones(len(moving)), (lost[moving], new[moving])), shape=(classes, classes))
    _, part = connected_components(graph, directed=False)
    parts = part[lost[moving]]
    return [moving[parts == one] for one in np.unique(parts)]
