"""Finds an identity: its place in private data sets, its classes in releases, and its audits.

An identity is named by a private data set and a class of it. Releases are matched by name, as
audits match them: those that were audited with one of the named sets, and others of the project
that have the name, unless a private set that was not named has it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from app.db.models import Audit, Dataset, DatasetRole, Release, Waiver
from app.db.states import IntakeState
from app.errors import ConflictError, NotFoundError, UnprocessableError
from app.formats.names import matched, shared, tidy
from app.gate.rules.findings import plain
from app.identities.schemas import IdentityName
from app.kit.ids import public_id


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


def find(session: Session, project_id: UUID, names: Sequence[IdentityName], *, lock: bool) -> Found:
    """Find an identity by its names. `lock` its data sets and releases until the transaction ends.

    Raises: NotFoundError, UnprocessableError (wrong_role), ConflictError (being_checked).
    """
    found = Found(project_id, _in_sets(session, project_id, names, lock=lock))
    wanted = found.names
    own = {one.id for one in found.datasets}
    others = select(Dataset).where(Dataset.project_id == project_id, Dataset.id.not_in(own))
    named = session.scalars(others.where(Dataset.identities.is_not(None)).order_by(Dataset.id))
    found.elsewhere = [one for one in named if shared(wanted, one.identities or [])]
    found.classes = _in_releases(session, found, own, wanted, lock=lock)
    releases = {one.row.id for one in found.classes}
    used = or_(Audit.private_dataset_id.in_(own), Audit.release_id.in_(releases), Audit.twin_release_id.in_(releases))
    statement = select(Audit).where(Audit.project_id == project_id, used).order_by(Audit.id)
    found.audits = list(session.scalars(statement.with_for_update() if lock else statement))
    return found


def waivers_of(session: Session, found: Found) -> list[Waiver]:
    """Return the waivers of findings that name the identity, in any case and spacing."""
    alike = {plain(name) for name in found.names}
    targets = {one.row.target_id for one in found.classes}
    asked = select(Waiver).where(Waiver.target_id.in_(targets), Waiver.finding.is_not(None)).order_by(Waiver.id)
    return [one for one in session.scalars(asked) if plain(one.finding or "") in alike]


def _in_sets(session: Session, project_id: UUID, names: Sequence[IdentityName], *, lock: bool) -> list[InSet]:
    found: dict[tuple[UUID, int], InSet] = {}
    for one in sorted(names, key=lambda name: name.dataset_id):
        statement = select(Dataset).where(Dataset.id == one.dataset_id, Dataset.project_id == project_id)
        row = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
        if row is None:
            raise NotFoundError("no_such_dataset", "There is no such data set in this project.")
        if row.role != DatasetRole.PRIVATE:
            raise UnprocessableError(
                "wrong_role", f"Data set {row.name!r} is {row.role}. An identity is named by a private one."
            )
        if row.state == IntakeState.CHECKING:
            raise ConflictError("being_checked", f"Data set {row.name!r} is being checked. Try again afterwards.")
        identities = row.identities or []
        labels = [label for label, name in enumerate(identities) if tidy(name) == tidy(one.name)]
        if not labels:
            raise NotFoundError("no_such_identity", f"Data set {public_id('dst', row.id)} does not have this name.")
        found[row.id, labels[0]] = InSet(row, labels[0], identities[labels[0]])
    return list(found.values())


def _in_releases(
    session: Session, found: Found, own: set[UUID], wanted: frozenset[str], *, lock: bool
) -> list[InRelease]:
    audits = select(Audit.release_id, Audit.twin_release_id).where(Audit.private_dataset_id.in_(own))
    audited = {one for row in session.execute(audits) for one in row if one is not None}
    candidates = or_(Release.id.in_(audited), Release.twin_of.in_(audited))
    if not any(one.role == DatasetRole.PRIVATE for one in found.elsewhere):
        candidates = or_(candidates, Release.classes.has_any(array(sorted(wanted))))
    statement = select(Release).where(Release.project_id == found.project_id, candidates).order_by(Release.id)
    classes: dict[tuple[UUID, int], InRelease] = {}
    matches: dict[tuple[UUID, tuple[str, ...]], dict[str, str]] = {}  # most releases of a target have the same classes
    for release in session.scalars(statement.with_for_update() if lock else statement):
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
