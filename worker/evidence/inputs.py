"""Inputs of the stages of an audit: the plan, the release and the data sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.contract.examination import Examination
from app.contract.plan import Plan
from app.db.models import Audit, ClassKind, Dataset, Release
from app.errors import ConflictError
from worker.evidence.earlier import look_of
from worker.evidence.set_binding import expected_digest
from worker.inversion.targets import InputConvention
from worker.job.context import StageContext


@dataclass(frozen=True)
class DatasetRow:
    """Identity and place of a data set.

    `digest` is None for sets older than digests of labels and names.
    """

    id: UUID
    name: str
    object_key: str
    images_digest: str
    digest: str | None
    identities: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SealedRow:
    """Name and digests of the private set, for every stage.

    It does not say where the set is stored.
    """

    name: str
    images_digest: str
    digest: str | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: DatasetRow) -> "SealedRow":
        """Return a row without its place and its identities."""
        return cls(row.name, row.images_digest, row.digest, row.notes)


@dataclass(frozen=True)
class TwinRow:
    """A twin of the release, trained without the images of `identities`."""

    release_id: UUID
    key: str
    checkpoint_sha256: str
    identities: tuple[int, ...]


@dataclass(frozen=True)
class AuditInputs:
    """An audit as requested.

    It does not say where the private set is stored (see `private_set`).
    """

    audit_id: UUID
    project_id: UUID
    plan: Plan
    plan_document: dict[str, Any]  # as stored, with the digest below
    plan_digest: str
    release_id: UUID
    release_key: str
    checkpoint_sha256: str
    examination: Examination
    architecture: str
    hyperparameters: dict[str, Any]
    convention: InputConvention
    classes: tuple[str, ...]
    public: DatasetRow
    private: SealedRow | None
    gallery: DatasetRow | None = None
    twin: TwinRow | None = None
    classes_are: str = ClassKind.PERSON.value
    part: tuple[int, ...] | None = None  # of the plan's identities, if the audit is about a part of them

    @property
    def identities(self) -> list[int]:
        """Class indices under attack, ascending."""
        return self.plan.identities if self.part is None else list(self.part)

    def only(self, identities: Sequence[int]) -> "AuditInputs":
        """Return the inputs of an audit of these of the plan's identities."""
        twin = self.twin
        if twin is not None:
            twin = replace(twin, identities=tuple(one for one in twin.identities if one in set(identities)))
        return replace(self, part=tuple(identities), twin=twin)

    @property
    def set_notes(self) -> list[str]:
        """Changes that intake made to the data sets, one sentence each."""
        sets = (one for one in (self.public, self.private, self.gallery) if one is not None)
        return [f"Data set {one.name!r}: {note}" for one in sets for note in one.notes]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the images."""
        return (self.convention.channels, self.convention.height, self.convention.width)


def audit_inputs(context: StageContext) -> AuditInputs:
    """Read the audit of this job. One that ended early is about the identities of its look."""
    audit_id = context.claim.audit_id
    assert audit_id is not None, "a stage of an audit runs for an audit"

    def read(session: Session) -> AuditInputs:
        audit = session.get_one(Audit, audit_id)
        release = session.get_one(Release, audit.release_id)
        private = session.get_one(Dataset, audit.private_dataset_id) if audit.private_dataset_id else None
        gallery = session.get_one(Dataset, audit.gallery_dataset_id) if audit.gallery_dataset_id else None
        twin = session.get_one(Release, audit.twin_release_id) if audit.twin_release_id else None
        if audit.images_deleted_at is not None or release.object_key is None or release.examination is None:
            raise ConflictError("inputs_deleted", "The inputs of this audit have been deleted. Upload them again.")
        plan, examination = Plan.load(audit.plan), Examination.model_validate(release.examination)
        inputs = AuditInputs(
            audit_id=audit.id,
            project_id=audit.project_id,
            plan=plan,
            plan_document=audit.plan,
            plan_digest=audit.plan_digest,
            release_id=release.id,
            release_key=release.object_key,
            checkpoint_sha256=examination.checkpoint_sha256,
            examination=examination,
            architecture=release.architecture,
            hyperparameters=release.hyperparameters,
            convention=InputConvention.from_dict(release.convention),
            classes=tuple(release.classes),
            public=dataset_row(session.get_one(Dataset, audit.public_dataset_id), plan),
            private=SealedRow.of(dataset_row(private, plan)) if private else None,
            gallery=dataset_row(gallery, plan) if gallery else None,
            twin=_twin_row(twin, plan) if twin else None,
            classes_are=ClassKind(release.classes_are).value,
        )
        if plan.look is not None and look_of(session, audit.id).get("certain") is not None:
            return inputs.only(plan.look.identities)
        return inputs

    return context.read(read)


def dataset_row(dataset: Dataset, plan: Plan) -> DatasetRow:
    """Return identity and place of a data set.

    Raises: ConflictError when its images were deleted.
    """
    if dataset.object_key is None or dataset.images_digest is None:
        raise ConflictError("inputs_deleted", f"The images of data set {dataset.name!r} were deleted. Upload it again.")
    return DatasetRow(
        dataset.id,
        dataset.name,
        dataset.object_key,
        dataset.images_digest,
        expected_digest(dataset, plan),
        tuple(dataset.identities or ()),
        tuple(dataset.notes or ()),
    )


def _twin_row(twin: Release, plan: Plan) -> TwinRow:
    if twin.object_key is None or twin.examination is None:
        raise ConflictError(
            "inputs_deleted", f"The checkpoint of the twin {twin.version} was deleted. Upload it again."
        )
    identities = tuple(plan.twin.identities) if plan.twin else ()
    examination = Examination.model_validate(twin.examination)
    return TwinRow(twin.id, twin.object_key, examination.checkpoint_sha256, identities)
