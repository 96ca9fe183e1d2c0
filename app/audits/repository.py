"""Queries over audits and their jobs, reconstructions and outcomes."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import ArtifactUse, Audit, Dataset, Job, Reconstruction, Release, Target
from app.db.states import FINISHED_AUDIT
from app.errors import NotFoundError
from app.jobs.stages import AUDIT_STAGES
from app.kit.listing import Listing, equals, one_of, text_of

PublicSet = aliased(Dataset, name="public_set")
PrivateSet = aliased(Dataset, name="private_set")
GallerySet = aliased(Dataset, name="gallery_set")
Twin = aliased(Release, name="twin")
STAGE_ORDER = case({stage.value: number for number, stage in enumerate(AUDIT_STAGES)}, value=Job.stage)


def _matches(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in the name of an input of an audit.

    The inputs are searched rather than their audits, because they are fewer.
    """
    releases = select(Release.id).join(Target, Target.id == Release.target_id)
    sets = select(Dataset.id).where(text_of(Dataset.name)(word))
    return or_(
        Audit.release_id.in_(releases.where(text_of(Target.name, Release.version, Release.sha256)(word))),
        Audit.public_dataset_id.in_(sets),
        Audit.private_dataset_id.in_(sets),
    )


def _uses(dataset_id: UUID) -> ColumnElement[bool]:
    columns = (Audit.public_dataset_id, Audit.private_dataset_id, Audit.gallery_dataset_id)
    return or_(*(column == dataset_id for column in columns))


def _of_prior(prior_id: UUID) -> ColumnElement[bool]:
    return Audit.id.in_(select(ArtifactUse.audit_id).where(ArtifactUse.artifact_id == prior_id))


LISTING = Listing(
    Audit.id,
    sorts={
        "created_at": Audit.created_at,
        "finished_at": Audit.finished_at,
        "risk": Audit.risk,
        "target": Target.name,
    },
    search=_matches,
    prefix="aud",
    filters={
        "state": one_of(Audit.state),
        "verdict": one_of(Audit.verdict),
        "target_id": equals(Release.target_id),
        "release_id": equals(Audit.release_id),
        "dataset_id": _uses,
        "prior_id": _of_prior,
    },
)


class Names(NamedTuple):
    """Columns that `with_names` adds to an audit, in order."""

    version: str
    classes: int
    target_id: UUID
    target: str
    public: str
    public_images: int | None
    private: str | None
    private_images: int | None
    gallery: str | None
    gallery_images: int | None
    twin: str | None
    sentence: str | None


NAMES = (
    Release.version,
    func.jsonb_array_length(Release.classes),
    Target.id,
    Target.name,
    PublicSet.name,
    PublicSet.images,
    PrivateSet.name,
    PrivateSet.images,
    GallerySet.name,
    GallerySet.images,
    Twin.version,
    Audit.result["sentence"].as_string(),
)
COLUMNS = tuple(column for column in Audit.__table__.columns if column.name != "result")
"""Of an audit itself, without the result, which is larger than everything else."""


def readable(subject: Subject) -> Select[Audit]:
    """Select the audits that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Audit), Audit.project_id, subject)


def with_names(statement: Select[Audit]) -> Select[*tuple[Any, ...]]:
    """Add the columns that a list shows of inputs and result, in the order of `Names`."""
    return (
        statement.options(defer(Audit.result))
        .join(Release, Release.id == Audit.release_id)
        .join(Target, Target.id == Release.target_id)
        .join(PublicSet, PublicSet.id == Audit.public_dataset_id)
        .outerjoin(PrivateSet, PrivateSet.id == Audit.private_dataset_id)
        .outerjoin(GallerySet, GallerySet.id == Audit.gallery_dataset_id)
        .outerjoin(Twin, Twin.id == Audit.twin_release_id)
        .add_columns(*NAMES)
    )


async def get(session: AsyncSession, subject: Subject, audit_id: UUID) -> Audit:
    """Return an audit. Raises: NotFoundError if there is none that the subject may see."""
    found = (await session.execute(readable(subject).where(Audit.id == audit_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_audit", "There is no such audit.")
    return found


class Shown(NamedTuple):
    """An audit without its documents, for what belongs to it."""

    id: UUID
    images_deleted: bool
    ended: bool


async def shown(session: AsyncSession, subject: Subject, audit_id: UUID) -> Shown:
    """Return an audit that the subject may see. Raises: NotFoundError."""
    statement = readable(subject).with_only_columns(
        Audit.id, Audit.images_deleted_at.is_not(None), Audit.state.in_([state.value for state in FINISHED_AUDIT])
    )
    found = (await session.execute(statement.where(Audit.id == audit_id))).one_or_none()
    if found is None:
        raise NotFoundError("no_such_audit", "There is no such audit.")
    return Shown(*found)


async def get_with_names(session: AsyncSession, subject: Subject, audit_id: UUID) -> tuple[Any, ...]:
    """Return an audit and the columns that a list shows of its inputs."""
    statement = with_names(readable(subject)).where(Audit.id == audit_id)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError("no_such_audit", "There is no such audit.")
    return tuple(found)


def readable_reconstructions(subject: Subject) -> Select[Reconstruction]:
    """Select the reconstructions that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Reconstruction), Reconstruction.project_id, subject)


async def get_reconstruction(
    session: AsyncSession, subject: Subject, reconstruction_id: UUID
) -> tuple[Reconstruction, Audit]:
    """Return a reconstruction and its audit."""
    statement = (
        readable_reconstructions(subject)
        .join(Audit, Audit.id == Reconstruction.audit_id)
        .add_columns(Audit)
        .where(Reconstruction.id == reconstruction_id)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError("no_such_reconstruction", "There is no such reconstruction.")
    return found[0], found[1]


async def jobs(session: AsyncSession, audit_id: UUID) -> list[Job]:
    """Return all jobs of an audit in the order of the stages. The caller has checked the audit."""
    statement = select(Job).where(Job.audit_id == audit_id).order_by(STAGE_ORDER, Job.shard)
    return list((await session.execute(statement)).scalars())
