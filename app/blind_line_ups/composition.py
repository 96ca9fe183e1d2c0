"""The items of a blind line-up: which picture, among which candidates, in which order.

Every choice follows from the seed. Each kind of item is balanced in itself. Every person of the
kind is the answer once and a candidate equally often, and the answer stands at each place about
equally often. So neither the frequency of a candidate nor its place tells which one is right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

from app.kit.canonical import digest

NONE_OF_THESE = 0
"""The answer that none of the candidates is shown. Candidates are numbered from 1."""
SHARE_OF_CHECKS = 4
"""One control item and one photograph for every four reconstructions."""


class Kind(StrEnum):
    """The picture of an item, which decides what the right answer is."""

    RECONSTRUCTION = "reconstruction"  # of a candidate
    CONTROL = "control"  # of a control, which shows nobody: none of these
    PHOTOGRAPH = "photograph"  # a private image of a candidate


@dataclass(frozen=True)
class Person:
    """An attacked identity with the pictures that are left of it.

    `photographs` are places in the private data set.
    """

    identity: int
    reconstruction: UUID
    control: UUID | None
    photographs: tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """A person among whom the right one is looked for, and the photograph that is shown."""

    identity: int
    photograph: int


@dataclass(frozen=True)
class Item:
    """One question.

    `picture` is a reconstruction, `photograph` a place in the private data set.
    """

    kind: Kind
    identity: int
    picture: UUID | None
    photograph: int | None
    candidates: tuple[Candidate, ...]
    answer: int

    def document(self) -> dict[str, Any]:
        """Return the item as the digest covers it."""
        return asdict(self) | {"picture": None if self.picture is None else self.picture.hex}


class TooFewError(Exception):
    """Fewer people than a line-up with so many candidates needs. `have` and `need` count them."""

    def __init__(self, have: int, need: int) -> None:
        super().__init__(f"{have} people, {need} needed")
        self.have, self.need = have, need


def compose(people: Sequence[Person], *, candidates: int, most: int, seed: str) -> list[Item]:
    """Return the items in the order in which they are shown.

    Args:
        candidates: for each item.
        most: the largest number of people whose reconstructions are shown.

    Raises: TooFewError.
    """
    rng, need = Random(seed), candidates + 1
    known = [one for one in sorted(people, key=lambda one: one.identity) if one.photographs]
    chosen = rng.sample(known, min(most, len(known)))
    controlled = [one for one in chosen if one.control is not None]
    if min(len(chosen), len(controlled)) < need:
        raise TooFewError(min(len(chosen), len(controlled)), need)
    checks = max(need, len(chosen) // SHARE_OF_CHECKS)
    controls = rng.sample(controlled, min(checks, len(controlled)))
    twice = [one for one in chosen if len(one.photographs) > 1]
    photographed = rng.sample(twice, min(checks, len(twice))) if len(twice) >= candidates else []
    shown = {one.identity: rng.choice(one.photographs) for one in photographed}
    left = {one.identity: [place for place in one.photographs if shown.get(one.identity) != place] for one in chosen}
    items = [
        *_block(rng, Kind.RECONSTRUCTION, chosen, candidates, left=left, shown=shown),
        *_block(rng, Kind.CONTROL, controls, candidates, left=left, shown=shown),
        *_block(rng, Kind.PHOTOGRAPH, photographed, candidates, left=left, shown=shown),
    ]
    rng.shuffle(items)
    return items


def _block(
    rng: Random,
    kind: Kind,
    people: Sequence[Person],
    candidates: int,
    *,
    left: Mapping[int, Sequence[int]],
    shown: Mapping[int, int],
) -> list[Item]:
    """Return one item for each person.

    The people stand in a circle. The candidates of an item are those at fixed distances from its
    person, so each person is a candidate in equally many items.

    Args:
        left: photographs of each person for candidates.
        shown: the photograph that is the picture of an item.
    """
    circle, own = rng.sample(people, len(people)), kind is not Kind.CONTROL
    distances = rng.sample(range(1, len(circle)), candidates - own) if circle else []
    places = [place % candidates for place in range(len(circle))]
    rng.shuffle(places)
    items = []
    for at, (person, place) in enumerate(zip(circle, places, strict=True)):
        others = [circle[(at + distance) % len(circle)] for distance in distances]
        rng.shuffle(others)
        row = [*others[:place], person, *others[place:]] if own else others
        items.append(
            Item(
                kind,
                person.identity,
                {Kind.RECONSTRUCTION: person.reconstruction, Kind.CONTROL: person.control}.get(kind),
                shown[person.identity] if kind is Kind.PHOTOGRAPH else None,
                tuple(Candidate(one.identity, rng.choice(left[one.identity])) for one in row),
                place + 1 if own else NONE_OF_THESE,
            )
        )
    return items


def composition_digest(seed: str, items: Sequence[Item]) -> str:
    """Return the digest of seed and items, which is shown before the first answer."""
    return digest({"seed": seed, "items": [one.document() for one in items]})
