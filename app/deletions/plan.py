"""What a deletion would destroy, what it would keep, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from app.contract.nouns import AUDIT
from app.db.models import (
    Artifact,
    ArtifactUse,
    Audit,
    Dataset,
    LegalHold,
    Project,
    Reconstruction,
    Release,
    Upload,
    Verifier,
)
from app.db.states import FINISHED_AUDIT, IntakeState, UploadState
from app.deletions.derived import DERIVED
from app.holds import repository as holds
from app.jobs.sheets import sheet_key, training_key
from app.kit.canonical import digest
from app.kit.ids import public_id
from app.uploads.owners import KINDS

Subject = Dataset | Release | Verifier | Artifact | Audit | Project
PREFIXES = {"dataset": "dst", "release": "rel", "verifier": "ver", "prior": "pri", "audit": "aud", "project": "prj"}


@dataclass
class Deletion:
    """A deletion before it is carried out.

    `objects` are keys of the store. `audits` used the subject; the pictures of those in `pictures`
    are destroyed.
    """

    row: Subject
    kind: str
    project_id: UUID
    objects: list[str] = field(default_factory=list)
    artifacts: list[UUID] = field(default_factory=list)
    uploads: list[UUID] = field(default_factory=list)
    audits: list[UUID] = field(default_factory=list)
    pictures: list[UUID] = field(default_factory=list)
    picture_count: int = 0
    kept: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    busy: bool = False

    @property
    def subject(self) -> str:
        """The public id of the subject."""
        return public_id(PREFIXES[self.kind], self.row.id)

    @property
    def contents(self) -> dict[str, Any]:
        """Everything that is destroyed, as in the receipt."""
        return {
            "objects": sorted(self.objects),
            "artifacts": len(self.artifacts),
            "unfinished_uploads": len(self.uploads),
            "pictures": self.picture_count,
            "pictures_of": sorted(public_id("aud", one) for one in self.pictures),
        }

    @property
    def confirmation(self) -> str:
        """A digest that changes with what is destroyed."""
        return digest({"subject": self.subject} | self.contents)


def plan_of(session: Session, kind: str, row: Any) -> Deletion:
    """Return the deletion of a resource. Lock the row first to carry it out."""
    project_id = row.id if kind == "project" else row.project_id
    planned = Deletion(row, kind, project_id)
    if kind == "project":
        _add_project(session, planned)
    else:
        _add_file(session, planned)
        _add_audits(session, planned)
        _add_artifacts(session, planned)
    _add_pictures(session, planned)
    planned.holds = [f"{one.subject}: {one.reason}" for one in _holds(session, planned)]
    return planned


def _holds(session: Session, planned: Deletion) -> list[LegalHold]:
    """Return the holds on anything that is destroyed. A project holds all that is in it."""
    if planned.kind == "project":
        return holds.all_active(session, planned.project_id)
    shown = session.scalars(select(Audit).where(Audit.id.in_(planned.pictures)))
    subjects = {planned.subject}.union(*map(holds.subjects_of, shown))
    return holds.active(session, planned.project_id, subjects)


def _add_file(session: Session, planned: Deletion) -> None:
    """Add the stored file of a resource, its original and its unfinished uploads."""
    row = planned.row
    if not isinstance(row, Dataset | Release | Verifier):
        return
    planned.busy = row.state == IntakeState.CHECKING
    keys = [row.object_key, row.original_key if isinstance(row, Release) else None]
    if isinstance(row, Release) and row.object_key is not None:
        same = exists().where(Release.object_key == row.object_key, Release.id != row.id)
        if session.scalar(select(same)):
            keys.remove(row.object_key)
            planned.kept.append("The checkpoint stays, because other releases of the project have the same file.")
    planned.objects += [key for key in keys if key is not None]
    column = next(getattr(Upload, one.column) for one in KINDS if one.name == planned.kind)
    unfinished = select(Upload.id).where(column == row.id, Upload.state == UploadState.RECEIVING)
    planned.uploads = list(session.scalars(unfinished))


def _add_audits(session: Session, planned: Deletion) -> None:
    """Add the audits that used the resource. Those that have not ended block its deletion."""
    found = session.execute(select(Audit.id, Audit.state).where(_used_by(planned)).order_by(Audit.id)).all()
    planned.audits = [row.id for row in found]
    planned.running = [public_id("aud", row.id) for row in found if row.state not in FINISHED_AUDIT]
    if not found:
        return
    if _shows_people(planned.row):
        planned.pictures = list(planned.audits)
    planned.kept.append(f"Scores, verdicts and digests of {AUDIT.counted(len(found))}, and the names in their results.")


def _used_by(planned: Deletion) -> ColumnElement[bool]:
    row = planned.row
    if isinstance(row, Dataset):
        columns = (Audit.public_dataset_id, Audit.private_dataset_id, Audit.gallery_dataset_id)
        return or_(*(column == row.id for column in columns))
    if isinstance(row, Release):
        return or_(Audit.release_id == row.id, Audit.twin_release_id == row.id)
    if isinstance(row, Artifact):
        return Audit.id.in_(select(ArtifactUse.audit_id).where(ArtifactUse.artifact_id == row.id))
    if isinstance(row, Verifier):
        named = Audit.plan["verifiers"].contains([{"digest": f"sha256:{row.sha256}"}])
        return (Audit.project_id == row.project_id) & named
    return Audit.id == row.id


def _shows_people(row: Subject) -> bool:
    """Tell whether pictures of the audits that used it show what was in it."""
    return isinstance(row, Release | Audit) or (isinstance(row, Dataset) and row.role == "private")


def _add_artifacts(session: Session, planned: Deletion) -> None:
    """Add what stages made from the resource.

    Artifacts that are older than the record of their audits count as made from it.
    """
    row = planned.row
    if isinstance(row, Artifact):
        _add_rows_of_artifacts(session, planned, select(Artifact).where(Artifact.id == row.id))
        planned.kept.append("Nothing is lost: an audit that needs this prior makes the same one again.")
        return
    kinds = DERIVED[row.role if isinstance(row, Dataset) else planned.kind]
    used = select(ArtifactUse.artifact_id).where(ArtifactUse.audit_id.in_(planned.audits))
    unknown = ~exists().where(ArtifactUse.artifact_id == Artifact.id)
    of_these: ColumnElement[bool] = Artifact.id.in_(used)
    if isinstance(row, Audit):
        elsewhere = exists().where(ArtifactUse.artifact_id == Artifact.id, ArtifactUse.audit_id != row.id)
        of_these &= ~elsewhere
    elif planned.audits:
        of_these |= unknown
    statement = select(Artifact).where(Artifact.project_id == planned.project_id, Artifact.kind.in_(kinds), of_these)
    _add_rows_of_artifacts(session, planned, statement)


def _add_rows_of_artifacts(session: Session, planned: Deletion, statement: Select[Artifact]) -> None:
    for one in session.scalars(statement.order_by(Artifact.id)):
        planned.artifacts.append(one.id)
        planned.objects.append(one.object_key)
        if one.kind == "prior":
            planned.objects += [key(one.project_id, one.key) for key in (training_key, sheet_key)]


def _add_project(session: Session, planned: Deletion) -> None:
    """Add all files of a project: what its rows name, and everything below its prefixes."""
    project_id = planned.project_id
    for kind in KINDS:
        rows: Sequence[Any] = session.scalars(select(kind.table).where(kind.table.project_id == project_id)).all()
        planned.busy |= any(row.state == IntakeState.CHECKING for row in rows)
        planned.objects += [row.object_key for row in rows if row.object_key is not None]
        planned.objects += [row.original_key for row in rows if getattr(row, "original_key", None)]
    planned.objects += [f"{folder}/{project_id}/" for folder in ("artifacts", "checkpoints", "trainings")]
    planned.artifacts = list(session.scalars(select(Artifact.id).where(Artifact.project_id == project_id)))
    unfinished = select(Upload.id).where(Upload.project_id == project_id, Upload.state == UploadState.RECEIVING)
    planned.uploads = list(session.scalars(unfinished))
    audits = session.execute(select(Audit.id, Audit.state).where(Audit.project_id == project_id)).all()
    planned.audits = planned.pictures = [row.id for row in audits]
    planned.running = [public_id("aud", row.id) for row in audits if row.state not in FINISHED_AUDIT]
    planned.kept.append("The audit log, without which the deletion could not be proved, and receipts.")


def _add_pictures(session: Session, planned: Deletion) -> None:
    left = select(Audit.id).where(Audit.id.in_(planned.pictures), Audit.images_deleted_at.is_(None))
    planned.pictures = list(session.scalars(left.order_by(Audit.id)))
    there = Reconstruction.sealed_image.is_not(None)
    count = select(func.count()).where(Reconstruction.audit_id.in_(planned.pictures), there)
    planned.picture_count = session.scalars(count).one()
