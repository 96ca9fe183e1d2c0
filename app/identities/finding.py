"""Finds an identity: its place in private data sets, its classes in releases, and its audits.

An identity is named by a private data set and a class of it. Releases are matched by name, as
audits match them: those that were audited with one of the named sets, and others of the project
that have the name, unless a private set that was not named has it too.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from anyio import to_thread
from sqlalchemy import ColumnElement, Text, cast, false, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.models import Audit, Dataset, DatasetRole, LegalHold, Release, Waiver
from app.db.states import IntakeState
from app.errors import ConflictError, NotFoundError, UnprocessableError
from app.formats.names import matched, shared, tidy
from app.gate.rules.findings import plain
from app.identities.schemas import IdentityName
from app.kit.ids import public_id

SHORTEST_SEARCHED = 3
"""Shorter names occur in any text, so that finding them there says nothing."""


@dataclass(frozen=True)
class InSet:
    """An identity in a private data set: `name` is `row.identities[label]`."""

    row: Dataset
    label: int
    name: str


@dataclass(frozen=True)
class InRelease:
    """A class of a release: `name` is `row.classes[index]`."""

    row: Release
    index: int
    name: str


@dataclass
class Found:
    """Where an identity is. `elsewhere` are other data sets that have its name."""

    project_id: UUID
    sets: list[InSet]
    classes: list[InRelease] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)
    elsewhere: list[Dataset] = field(default_factory=list)

    @property
    def names(self) -> frozenset[str]:
        """All spellings."""
        return frozenset({one.name for one in self.sets} | {one.name for one in self.classes})

    @property
    def datasets(self) -> list[Dataset]:
        """The data sets, each once."""
        return list({one.row.id: one.row for one in self.sets}.values())

    def labels(self, dataset: Dataset) -> frozenset[int]:
        """Return the labels of the identity in a data set."""
        return frozenset(one.label for one in self.sets if one.row.id == dataset.id)

    def indices(self, audit: Audit) -> list[int]:
        """Return the classes of the audited release that are the identity."""
        return sorted({one.index for one in self.classes if one.row.id == audit.release_id})


async def find(
    session: AsyncSession, project_id: UUID, names: Sequence[IdentityName], *, lock: Literal["all", "places"] | None
) -> Found:
    """Find an identity by its names.

    `lock` its data sets, releases and audits until the transaction ends, or only the places that
    images have in these data sets. Names are compared in a thread, because data sets and releases
    may have many.

    Raises: NotFoundError, UnprocessableError (wrong_role), ConflictError (being_checked).
    """
    rows = await session.run_sync(_named_sets, project_id, names, lock)
    found = Found(project_id, await to_thread.run_sync(_in_sets, rows, names))
    others = await session.run_sync(_other_sets, found)
    found.elsewhere = await to_thread.run_sync(_shared, found.names, others)
    releases = await session.run_sync(_releases, found, lock=lock == "all")
    found.classes = await to_thread.run_sync(_in_releases, found, releases)
    found.audits = await session.run_sync(_audits, found, lock=lock == "all")
    return found


def waivers_of(session: Session, found: Found) -> list[Waiver]:
    """Return the waivers of findings that name the identity, in any case and spacing."""
    alike = {plain(name) for name in found.names}
    targets = {one.row.target_id for one in found.classes}
    asked = select(Waiver).where(Waiver.target_id.in_(targets), Waiver.finding.is_not(None)).order_by(Waiver.id)
    return [one for one in session.scalars(asked) if plain(one.finding or "") in alike]


def written_by_people(session: Session, found: Found) -> list[Waiver | LegalHold]:
    """Return other waivers, and legal holds, of which somebody wrote the name into the reason."""
    about = {one.id for one in waivers_of(session, found)}
    waivers = select(Waiver).where(Waiver.project_id == found.project_id, named_in(Waiver.reason, found))
    holds = select(LegalHold).where(LegalHold.project_id == found.project_id, named_in(LegalHold.reason, found))
    return [
        *(one for one in session.scalars(waivers.order_by(Waiver.id)) if one.id not in about),
        *session.scalars(holds.order_by(LegalHold.id)),
    ]


def named_in(column: InstrumentedAttribute[Any], found: Found) -> ColumnElement[bool]:
    """Return the condition that a text, or a document, has one of the names as a word."""
    names = [re.escape(name) for name in sorted(found.names) if len(name) >= SHORTEST_SEARCHED]
    return cast(column, Text).regexp_match(rf"(^|\W)({'|'.join(names)})(\W|$)") if names else false()


def _named_sets(
    session: Session, project_id: UUID, names: Sequence[IdentityName], lock: str | None
) -> dict[UUID, Dataset]:
    rows: dict[UUID, Dataset] = {}
    for dataset_id in sorted({one.dataset_id for one in names}):
        statement = select(Dataset).where(Dataset.id == dataset_id, Dataset.project_id == project_id)
        if lock is not None:
            shared = lock == "places"  # an erasure waits for it
            statement = statement.with_for_update(read=shared, key_share=shared)
        row = session.scalars(statement).one_or_none()
        if row is None:
            raise NotFoundError("no_such_dataset", "There is no such data set in this project.")
        if row.role != DatasetRole.PRIVATE:
            raise UnprocessableError(
                "wrong_role", f"Data set {row.name!r} is {row.role}. Name the identity by a private data set."
            )
        if row.state == IntakeState.CHECKING:
            raise ConflictError("being_checked", f"Data set {row.name!r} is being checked. Try again afterwards.")
        rows[row.id] = row
    return rows


def _in_sets(rows: Mapping[UUID, Dataset], names: Sequence[IdentityName]) -> list[InSet]:
    found: dict[tuple[UUID, int], InSet] = {}
    for one in sorted(names, key=lambda name: name.dataset_id):
        row, wanted = rows[one.dataset_id], tidy(one.name)
        identities = row.identities or []
        label = next((label for label, name in enumerate(identities) if tidy(name) == wanted), None)
        if label is None:
            raise NotFoundError("no_such_identity", f"Data set {public_id('dst', row.id)} does not have this name.")
        found[row.id, label] = InSet(row, label, identities[label])
    return list(found.values())


def _other_sets(session: Session, found: Found) -> Sequence[Dataset]:
    own = {one.id for one in found.datasets}
    others = select(Dataset).where(Dataset.project_id == found.project_id, Dataset.id.not_in(own))
    return session.scalars(others.where(Dataset.identities.is_not(None)).order_by(Dataset.id)).all()


def _shared(wanted: frozenset[str], sets: Sequence[Dataset]) -> list[Dataset]:
    return [one for one in sets if shared(wanted, one.identities or [])]


def _releases(session: Session, found: Found, *, lock: bool) -> Sequence[Release]:
    """Return the releases that may have the identity as a class."""
    own = {one.id for one in found.datasets}
    audits = select(Audit.release_id, Audit.twin_release_id).where(Audit.private_dataset_id.in_(own))
    audited = {one for row in session.execute(audits) for one in row if one is not None}
    candidates = or_(Release.id.in_(audited), Release.twin_of.in_(audited))
    if not any(one.role == DatasetRole.PRIVATE for one in found.elsewhere):
        candidates = or_(candidates, Release.classes.has_any(array(sorted(found.names))))
    statement = select(Release).where(Release.project_id == found.project_id, candidates).order_by(Release.id)
    return session.scalars(statement.with_for_update() if lock else statement).all()


def _in_releases(found: Found, releases: Sequence[Release]) -> list[InRelease]:
    classes: dict[tuple[UUID, int], InRelease] = {}
    matches: dict[tuple[UUID, tuple[str, ...]], dict[str, str]] = {}  # most releases of a target have the same classes
    for release in releases:
        for dataset in found.datasets:
            identities, pair = dataset.identities or [], (dataset.id, tuple(release.classes))
            if pair not in matches:
                matches[pair] = matched(identities, release.classes).found
            known = matches[pair]
            for label in found.labels(dataset):
                name = known.get(identities[label])
                if name is not None:
                    index = release.classes.index(name)
                    classes[release.id, index] = InRelease(release, index, name)
    return list(classes.values())


def _audits(session: Session, found: Found, *, lock: bool) -> list[Audit]:
    own, releases = {one.id for one in found.datasets}, {one.row.id for one in found.classes}
    used = or_(Audit.private_dataset_id.in_(own), Audit.release_id.in_(releases), Audit.twin_release_id.in_(releases))
    statement = select(Audit).where(Audit.project_id == found.project_id, used).order_by(Audit.id)
    return list(session.scalars(statement.with_for_update() if lock else statement))
