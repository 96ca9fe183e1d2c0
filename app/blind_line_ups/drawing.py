"""Who is a candidate of which item, so that counting faces does not tell anything.

The rows of candidates are a bipartite graph of items and people. It begins as seats on a circle,
in which everybody is a candidate equally often. Then random exchanges between rows that keep this
leave nothing of the circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from random import Random

CHECKS = 4
"""At least one control and one photograph for every four reconstructions."""
PRICE_OF_A_PERSON = 3
"""Leave out a person only where that saves more controls than this."""
EXCHANGES = 5
"""Attempts to exchange, for each candidate of each row."""


@dataclass(frozen=True)
class Row:
    """The candidates of an item. `owner` is the person of its picture.

    The owner of a control is not a candidate of it, and that of any other item is.
    """

    owner: int
    candidates: list[int]


def least_checks(people: int, candidates: int) -> int:
    """Return the smallest number of items in which everybody can be a candidate equally often."""
    return people // gcd(people, candidates)


def balanced_counts(most: int, candidates: int) -> tuple[int, int]:
    """Return the numbers of people, at most `most`, and of controls.

    Everybody is a candidate of a control equally often, so controls times candidates is a multiple
    of people. `most` must be larger than `candidates`.
    """

    def controls(people: int) -> int:
        least = least_checks(people, candidates)
        return -(-max(candidates + 1, people // CHECKS) // least) * least

    people = min(range(most, candidates, -1), key=lambda count: controls(count) + PRICE_OF_A_PERSON * (most - count))
    return people, controls(people)


def balanced_rows(
    rng: Random, people: Sequence[int], owners: Sequence[int], candidates: int, *, own: bool = True
) -> list[Row]:
    """Return a row for each owner. Each of the people is a candidate in equally many of them.

    Args:
        owners: some of the people, as many as a multiple of `least_checks`.
        own: whether the owners are candidates of their rows.
    """
    rows, count, least = [], len(people), least_checks(len(people), candidates)
    starts = [candidates * place % count for place in range(least)]
    for first in range(0, len(owners), least):
        block = owners[first : first + least]
        seated = dict(zip(((start - (not own)) % count for start in starts), block, strict=True))
        others = [one for one in people if one not in block]
        rng.shuffle(others)
        circle = [seated[seat] if seat in seated else others.pop() for seat in range(count)]
        for owner, start in zip(block, starts, strict=True):
            rows.append(Row(owner, [circle[(start + place) % count] for place in range(candidates)]))
    return rows


def mix(rng: Random, rows: Sequence[Row]) -> None:
    """Exchange candidates between random rows. Nobody becomes a candidate more or less often."""
    for _ in range(EXCHANGES * sum(len(row.candidates) for row in rows) if len(rows) > 1 else 0):
        one, other = rng.sample(rows, 2)
        mine, yours = _free(one, other), _free(other, one)
        if mine and yours:
            here, there = rng.choice(mine), rng.choice(yours)
            one.candidates[here], other.candidates[there] = other.candidates[there], one.candidates[here]


def _free(row: Row, other: Row) -> list[int]:
    """Return the places of candidates that could also be those of the other row."""
    kept = {row.owner, other.owner, *other.candidates}
    return [place for place, one in enumerate(row.candidates) if one not in kept]
