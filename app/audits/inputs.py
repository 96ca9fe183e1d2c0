"""Checks of the inputs of an audit against each other, made before any compute is spent."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.defaults import side_of
from app.audits.judging import check_gallery, planned_twin, planned_verifiers
from app.audits.priors import built_in_card, trainable
from app.audits.schemas import EstimateRequest
from app.auth.subject import Subject
from app.contract.plan import PlannedVerifier
from app.datasets import repository as datasets
from app.datasets.people import people_of
from app.db.models import Dataset, DatasetRole, Release
from app.db.states import IntakeState
from app.errors import NotFoundError, UnprocessableError, at_field
from app.releases import repository as releases

LISTED = 50


@dataclass(frozen=True)
class Inputs:
    """Inputs of an audit, the class indices it can audit, and notes to show before it starts."""

    release: Release
    public: Dataset
    private: Dataset | None
    candidates: list[int]
    verifiers: list[PlannedVerifier]
    gallery: Dataset | None = None
    twin: Release | None = None
    notes: list[str] = field(default_factory=list)


async def keep(session: AsyncSession, release_id: UUID, dataset_ids: Collection[UUID | None]) -> None:
    """Hold back erasures and deletions of a release, its twins and data sets in this transaction.

    One that has begun ends first. An audit that was planned before it would otherwise be queued
    after it, and attack an identity that is erased.
    """
    wanted = (
        select(Dataset.id).where(Dataset.id.in_([one for one in dataset_ids if one is not None])).order_by(Dataset.id),
        select(Release.id).where(or_(Release.id == release_id, Release.twin_of == release_id)).order_by(Release.id),
    )
    for statement in wanted:
        await session.execute(statement.with_for_update(read=True, key_share=True))


async def load(session: AsyncSession, subject: Subject, project_id: UUID, request: EstimateRequest) -> Inputs:
    """Load the rows that a request names and check them against each other."""
    with at_field("release_id"):
        release, _ = await releases.get(session, subject, request.release_id)
        if release.project_id != project_id:
            raise NotFoundError("no_such_release", "There is no such release in this project.")
        check_ready(release.state, "release")
    public = await _dataset(session, subject, request.public_dataset_id, role=DatasetRole.PUBLIC, release=release)
    priors = {one.prior for one in request.portfolio(side_of(public))}
    if "built-in" in priors:
        built_in_card(public)  # raises if there is none
    if "trained" in priors and not trainable(public):
        raise UnprocessableError(
            "prior_not_trainable",
            f"A generator is trained on square images with a side of 16, 32, 64, ...; data set {public.name!r} has "
            f"{public.width}x{public.height}. Leave `prior` out, or set it to `pca`: components take any size.",
        )
    private = None
    candidates, notes = list(range(len(release.classes))), []
    if request.private_dataset_id is not None:
        private_id = request.private_dataset_id
        private = await _dataset(session, subject, private_id, role=DatasetRole.PRIVATE, release=release)
        with at_field("private_dataset_id"):
            people = people_of(private.identities or [], release.classes, private.name)
        candidates, notes = people.indices, list(people.notes)
    if request.identities is not None and request.identities > len(candidates):
        raise UnprocessableError(
            "too_many_identities", f"{request.identities} identities were asked for; {len(candidates)} can be audited."
        )
    gallery = None
    if request.gallery_dataset_id is not None:
        gallery_id = request.gallery_dataset_id
        gallery = await _dataset(session, subject, gallery_id, role=DatasetRole.GALLERY, release=release)
        with at_field("gallery_dataset_id"):
            check_gallery(gallery, release)
    with at_field("verifiers"):
        verifiers = await planned_verifiers(session, subject, request, release)
    with at_field("twin_release_id"):
        twin = await planned_twin(session, subject, request, release)
    return Inputs(release, public, private, candidates, verifiers, gallery, twin, notes)


async def _dataset(
    session: AsyncSession, subject: Subject, dataset_id: UUID, *, role: DatasetRole, release: Release
) -> Dataset:
    with at_field(f"{role.value}_dataset_id"):
        dataset = await datasets.get(session, subject, dataset_id)
        if dataset.project_id != release.project_id:
            raise NotFoundError("no_such_dataset", "There is no such data set in this project.")
        check_ready(dataset.state, f"dataset {dataset.name!r}")
        if dataset.role != role:
            raise UnprocessableError(
                "wrong_role", f"Data set {dataset.name!r} is {dataset.role}; a {role.value} one is needed here."
            )
        check_size(dataset, release)
    return dataset


def check_ready(state: str, what: str) -> None:
    """Raise `UnprocessableError` unless intake accepted the file."""
    if state != IntakeState.READY:
        raise UnprocessableError("not_ready", f"The {what} is {state}; only a ready one can be audited.")


def check_size(dataset: Dataset, release: Release) -> None:
    """Raise `UnprocessableError` when the images do not have the size that the network takes."""
    wanted = {name: release.convention[name] for name in ("height", "width", "channels")}
    found = {"height": dataset.height, "width": dataset.width, "channels": dataset.channels}
    if found != wanted:
        raise UnprocessableError(
            "image_size_mismatch",
            f"Data set {dataset.name!r} has images of {_size(found)}; the release takes {_size(wanted)}.",
            errors=[{"expected": wanted, "found": found}],
        )


def _size(size: dict[str, int | None]) -> str:
    return f"{size['height']}x{size['width']} with {size['channels']} channel{'' if size['channels'] == 1 else 's'}"
