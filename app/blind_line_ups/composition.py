"""The items of a blind line-up: which picture, among which candidates, in which order.

Every choice follows from the seed. Candidates of every item are drawn from the same people. Each
is a candidate equally often among photographs, and equally often among all other items, so
counting faces tells neither which candidate is right nor which picture is a control. The answer
stands at each place about equally often.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

from app.blind_line_ups.drawing import Row, balanced_counts, balanced_rows, least_checks, mix
from app.kit.canonical import digest

NONE_OF_THESE = 0
"""The answer that none of the candidates is shown. Candidates are numbered from 1."""


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

    People without a control or a photograph are left out.

    Args:
        candidates: for each item.
        most: the largest number of people whose reconstructions are shown.

    Raises: TooFewError.
    """
    rng = Random(seed)
    known = {one.identity: one for one in people if one.photographs and one.control is not None}
    if min(most, len(known)) <= candidates:
        raise TooFewError(min(most, len(known)), candidates + 1)
    count, checks = balanced_counts(min(most, len(known)), candidates)
    chosen = rng.sample(sorted(known), count)
    twice = [one for one in chosen if len(known[one].photographs) > 1]
    least = least_checks(count, candidates)
    shown = {
        one: rng.choice(known[one].photographs) for one in rng.sample(twice, min(checks, len(twice) // least * least))
    }
    made = balanced_rows(rng, chosen, rng.sample(chosen, count), candidates)
    controls = balanced_rows(rng, chosen, rng.sample(chosen, checks), candidates, own=False)
    photographed = balanced_rows(rng, chosen, list(shown), candidates)
    mix(rng, [*made, *controls])
    mix(rng, photographed)
    left = {one: [place for place in known[one].photographs if shown.get(one) != place] for one in chosen}
    items = []
    for kind, rows in zip(Kind, (made, controls, photographed), strict=True):
        for row, place in zip(rows, _places(rng, len(rows), candidates), strict=True):
            names = _in_order(rng, row, place)
            faces = tuple(Candidate(one, rng.choice(left[one])) for one in names)
            items.append(_item(kind, known[row.owner], shown.get(row.owner), faces))
    rng.shuffle(items)
    return items


def _places(rng: Random, items: int, candidates: int) -> list[int]:
    """Return a place for the answer of each item, from 0, with each about equally often."""
    places = [place % candidates for place in range(items)]
    rng.shuffle(places)
    return places


def _in_order(rng: Random, row: Row, place: int) -> list[int]:
    """Return the candidates of a row, with its owner at this place if it is one of them."""
    others = [one for one in row.candidates if one != row.owner]
    rng.shuffle(others)
    return [*others[:place], row.owner, *others[place:]] if row.owner in row.candidates else others


def _item(kind: Kind, person: Person, photograph: int | None, candidates: tuple[Candidate, ...]) -> Item:
    names = [one.identity for one in candidates]
    return Item(
        kind,
        person.identity,
        {Kind.RECONSTRUCTION: person.reconstruction, Kind.CONTROL: person.control}.get(kind),
        photograph if kind is Kind.PHOTOGRAPH else None,
        candidates,
        NONE_OF_THESE if kind is Kind.CONTROL else 1 + names.index(person.identity),
    )


def composition_digest(seed: str, items: Sequence[Item]) -> str:
    """Return the digest of seed and items, which is shown before the first answer."""
    return digest({"seed": seed, "items": [one.document() for one in items]})
