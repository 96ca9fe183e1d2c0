"""How the audit log names the images of an identity, before and after erasures of others.

Entries name an image by its place in the data set, such as `dst_.../7`. An erasure closes the gaps
that it leaves, so later entries have other numbers. Its own entry has the places that it took out,
from which the earlier ones follow.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from app.db.models import AuditLogEntry
from app.identities.finding import Found
from app.kit.ids import public_id

ERASED = "identity.erased"
PLACES = "places"
"""The key in the details of an entry: spans of places, by data set."""

Spans = list[list[int]]
"""Ascending `[first, end]` of places; `end` is the first place after a span."""


@dataclass(frozen=True)
class Numbering:
    """The places of an identity's images in a data set, in the entries between two others.

    Neither `after` nor `before`, which are numbers of entries, is one of them. `before` is None up
    to the newest.
    """

    dataset: str
    places: tuple[int, ...]
    after: int
    before: int | None

    @property
    def names(self) -> frozenset[str]:
        """The images as entries name them."""
        return frozenset(f"{self.dataset}/{place}" for place in self.places)

    def holds(self, seq: int) -> bool:
        """Tell whether the entry with this number has these places."""
        return self.after < seq and (self.before is None or seq < self.before)


def spans(places: Iterable[int]) -> Spans:
    """Return ascending places as spans."""
    found: Spans = []
    for place in places:
        if found and found[-1][1] == place:
            found[-1][1] += 1
        else:
            found.append([place, place + 1])
    return found


def overlap(listed: Spans, places: Iterable[int]) -> bool:
    """Tell whether a place is in one of the spans."""
    firsts = [first for first, _ in listed]
    at = ((place, bisect_right(firsts, place) - 1) for place in places)
    return any(span >= 0 and place < listed[span][1] for place, span in at)


def earlier(places: Iterable[int], gone: Spans) -> list[int]:
    """Return the places that images had before these spans were taken out."""
    lengths = [end - first for first, end in gone]
    out = list(accumulate(lengths, initial=0))
    gaps = [first - before for (first, _), before in zip(gone, out, strict=False)]  # where each closed
    return [place + out[bisect_right(gaps, place)] for place in places]


def numberings(
    session: Session, found: Found, places: Sequence[Sequence[int]]
) -> tuple[list[Numbering], datetime | None]:
    """Return the numberings of the images in all data sets of an identity.

    Args:
        places: where the images are now, for each data set of `found`.

    Returns:
        The numberings, and the time of the newest erasure whose entry does not say what it took
        out, or None. How older entries number the images is not known.
    """
    made: list[Numbering] = []
    since: datetime | None = None
    for row, own in zip(found.datasets, places, strict=True):
        dataset = public_id("dst", row.id)
        entries = select(AuditLogEntry).where(
            AuditLogEntry.project_id == found.project_id,
            AuditLogEntry.action == ERASED,
            AuditLogEntry.details["datasets"].has_any(array([dataset], type_=Text)),
        )
        erasures = session.scalars(entries.order_by(AuditLogEntry.seq.desc())).all()
        known = [(one.seq, _taken_out(one, dataset)) for one in erasures]
        made += _backwards(dataset, tuple(own), known)
        unknown = next((one.at for one, (_, gone) in zip(erasures, known, strict=True) if gone is None), None)
        since = max(filter(None, (since, unknown)), default=None)
    return made, since


def _taken_out(entry: AuditLogEntry, dataset: str) -> Spans | None:
    listed: Mapping[str, Spans] = entry.details.get(PLACES) or {}
    return listed.get(dataset)


def _backwards(
    dataset: str, places: tuple[int, ...], erasures: Iterable[tuple[int, Spans | None]]
) -> Iterator[Numbering]:
    """Yield the numberings from the newest to the oldest that is known."""
    before: int | None = None
    for seq, gone in erasures:
        yield Numbering(dataset, places, seq, before)
        if gone is None:
            return
        places, before = tuple(earlier(places, gone)), seq
    yield Numbering(dataset, places, 0, before)
