"""The identities of a private set, matched by name with the classes of a release."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import UnprocessableError
from app.formats.names import matched, spelled
from app.sentences import people as words

LISTED = 50
FEWEST = 0.5
"""Least share of the identities that must be classes. Below it, this is probably the wrong set."""


@dataclass(frozen=True)
class People:
    """Identities among the classes.

    Attributes:
        classes: for each identity in the order of the labels, its class index, or None if it is
            not a class.
        notes: sentences on identities that were left out or are spelled differently.
    """

    classes: tuple[int | None, ...]
    notes: tuple[str, ...]

    @property
    def indices(self) -> list[int]:
        """The class indices that have images, ascending."""
        return sorted(index for index in self.classes if index is not None)


def people_of(identities: Sequence[str], classes: Sequence[str], dataset: str) -> People:
    """Match identities with classes by the same name, the same stored form, or look-alike names.

    Raises: UnprocessableError (no_identities, unknown_identities).
    """
    if not identities:
        raise UnprocessableError(
            "no_identities",
            f"Data set {dataset!r} names no identities. Upload a ZIP with a folder for each identity, or an .npz with "
            "`labels` and `identities`.",
        )
    found = matched(identities, classes)
    if len(found.found) < FEWEST * len(identities):
        raise UnprocessableError(
            "unknown_identities",
            words.too_many_strangers(found.unknown, len(identities), dataset),
            errors=[{"identity": spelled(name)} for name in found.unknown[:LISTED]],
        )
    place = {name: index for index, name in enumerate(classes)}
    notes = []
    if found.unknown:
        notes.append(words.strangers(found.unknown, len(identities), dataset))
    if found.differing:
        notes.append(words.respelled(found.differing, dataset))
    indices = (place[found.found[name]] if name in found.found else None for name in identities)
    return People(tuple(indices), tuple(notes))
