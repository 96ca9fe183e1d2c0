"""What is held about an identity, what its erasure keeps, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.contract.nouns import AUDIT, Noun
from app.db.models import Audit, AuditLogEntry, Dataset, Reconstruction, Waiver
from app.db.states import FINISHED_AUDIT
from app.deletions.plan import Deletion, plan_of
from app.holds import repository as holds
from app.identities import schemas
from app.identities.finding import Found, named_in, waivers_of, written_by_people
from app.kit.canonical import digest
from app.kit.ids import public_id

RELEASE = Noun("release", "releases")
ENTRY = Noun("entry", "entries")
DECLARATION = Noun("declaration of rights", "declarations of rights")


@dataclass
class Planned:
    """An erasure before it is carried out. `images` counts those of each data set.

    `deletions` are those of the data sets. Of them, what was made from the images counts. `texts`
    are the waivers and holds whose reason is rewritten.
    """

    found: Found
    images: list[int]
    deletions: list[Deletion]
    pictures: int
    kept: list[str]
    running: list[str]
    holds: list[str]
    texts: list[str]

    @property
    def artifacts(self) -> set[Any]:
        """The ids of the artifacts that were made from the data sets."""
        return {one for planned in self.deletions for one in planned.artifacts}

    @property
    def objects(self) -> list[str]:
        """The objects that go: the data sets as they are, and the artifacts."""
        return sorted({one for planned in self.deletions for one in planned.objects})

    @property
    def contents(self) -> dict[str, Any]:
        """Everything that is destroyed, as in the receipt."""
        return {
            "objects": self.objects,
            "artifacts": len(self.artifacts),
            "unfinished_uploads": 0,
            "pictures": self.pictures,
            "pictures_of": sorted(public_id("aud", one.id) for one in self.found.audits if self.found.indices(one)),
            "images": sum(self.images),
        }

    @property
    def confirmation(self) -> str:
        """A digest that changes with what is destroyed."""
        names = sorted([public_id("dst", one.row.id), one.name] for one in self.found.sets)
        return digest({"names": names} | self.contents)


def planned_erasure(session: Session, found: Found, images: Sequence[int]) -> Planned:
    """Return the erasure of an identity that has so many images in each of its data sets."""
    deletions = [plan_of(session, "dataset", row) for row in found.datasets]
    subjects = {public_id("dst", row.id) for row in found.datasets}
    subjects |= {public_id("rel", one.row.id) for one in found.classes}
    subjects = subjects.union(*map(holds.subjects_of, found.audits))
    held = holds.active(session, found.project_id, subjects)
    return Planned(
        found,
        list(images),
        deletions,
        pictures=_count_pictures(session, found),
        kept=_kept(session, found),
        running=[public_id("aud", one.id) for one in found.audits if one.state not in FINISHED_AUDIT],
        holds=[f"{one.subject}: {one.reason}" for one in held],
        texts=[
            public_id("wai" if isinstance(one, Waiver) else "hld", one.id)
            for one in (*waivers_of(session, found), *written_by_people(session, found))
        ],
    )


def pictures_of(found: Found) -> Any:
    """Return the condition for reconstructions of the identity."""
    return or_(
        False,
        *(
            and_(Reconstruction.audit_id == audit.id, Reconstruction.identity.in_(found.indices(audit)))
            for audit in found.audits
            if found.indices(audit)
        ),
    )


def document(planned: Planned) -> schemas.IdentityPreview:
    """Return a preview as the API shows it."""
    found = planned.found
    per_set = zip(found.datasets, planned.images, strict=True)
    return schemas.IdentityPreview(
        sets=[schemas.ImagesInSet(dataset_id=row.id, name=row.name, images=count) for row, count in per_set],
        classes=[
            schemas.ClassOfRelease(release_id=one.row.id, version=one.row.version, index=one.index)
            for one in found.classes
        ],
        audits=[public_id("aud", one.id) for one in found.audits],
        images=sum(planned.images),
        pictures=planned.pictures,
        artifacts=len(planned.artifacts),
        keeps=planned.kept,
        rewrites=planned.texts,
        also_named_in=[public_id("dst", one.id) for one in found.elsewhere],
        running_audits=planned.running,
        holds=planned.holds,
        left_empty=[row.id for row in left_empty(found)],
        possible=not (planned.running or planned.holds or left_empty(found)),
        confirmation=planned.confirmation,
    )


def left_empty(found: Found) -> list[Dataset]:
    """Return the data sets that would have no identity left."""
    return [row for row in found.datasets if len(found.labels(row)) == len(row.identities or [])]


def _count_pictures(session: Session, found: Found) -> int:
    left = Reconstruction.sealed_image.is_not(None)
    return session.scalars(select(func.count()).select_from(Reconstruction).where(left, pictures_of(found))).one()


def _kept(session: Session, found: Found) -> list[str]:
    kept = []
    if found.audits:
        kept.append(f"Scores, verdicts and digests of {AUDIT.counted(len(found.audits))}, under a pseudonym.")
    if releases := {one.row.id for one in found.classes}:
        kept.append(
            f"The checkpoints of {RELEASE.counted(len(releases))}, which may remember the identity. Delete the "
            f"{RELEASE.of(len(releases))} to destroy them."
        )
    if entries := _log_entries(session, found):
        kept.append(
            f"{ENTRY.counted(entries)} of the audit log, where a reason has the name. The log cannot be edited."
        )
    if declared := _declarations(session, found):
        kept.append(f"{DECLARATION.counted(declared)} with the name. They are kept as they were made.")
    return kept


def _log_entries(session: Session, found: Found) -> int:
    own = (AuditLogEntry.project_id == found.project_id, named_in(AuditLogEntry.details, found))
    return session.scalars(select(func.count()).select_from(AuditLogEntry).where(*own)).one()


def _declarations(session: Session, found: Found) -> int:
    named = or_(named_in(Audit.declaration, found), named_in(Audit.declared_by, found))
    own = (Audit.project_id == found.project_id, named)
    return session.scalars(select(func.count()).select_from(Audit).where(*own)).one()
