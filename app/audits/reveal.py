"""Access to original images: it needs a scope and a purpose, and every request is logged.

The entry of an image that is shown is part of the request's transaction, so no image is shown
without an entry. A rejected request is rolled back, so its entry has a separate transaction.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.watermark import marked
from app.auth import audit_log
from app.auth.authenticate import Caller
from app.auth.csrf import check_origin
from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Artifact, Audit, Dataset, Reconstruction
from app.db.session import async_session
from app.errors import ForbiddenError, ProblemError, UnprocessableError
from app.kit.ids import public_id

Owner = Audit | Dataset | Artifact
PREFIXES: dict[type[Owner], str] = {Audit: "aud", Dataset: "dst", Artifact: "pri"}
KEYS: dict[type[Owner], str] = {Audit: "audit", Dataset: "dataset", Artifact: "prior"}
"""The key that names the owner in the details of an entry."""
SHORTEST_PURPOSE, LONGEST_PURPOSE = 3, 500
REFUSED = "image.reveal_refused"
UNSTORABLE = "\0"  # PostgreSQL cannot store text that contains it


class Asked(NamedTuple):
    """The subject of the log entry, the query for the owner of the picture, and the rejection."""

    what: str
    owner: Select[*tuple[Any, ...]]
    action: str
    of: type[Owner] = Audit


@dataclass(frozen=True)
class Reveal:
    """A request for an image or a report: original or not, purpose, error of a foreign origin."""

    original: bool
    purpose: str
    foreign: ForbiddenError | None = None

    def check(self, subject: Subject) -> None:
        """Check origin, scope and purpose before anything is read."""
        if not self.original:
            return
        if self.foreign is not None:
            raise self.foreign
        subject.require(Scope.RECONSTRUCTIONS_REVEAL)
        if len(self.purpose) < SHORTEST_PURPOSE:
            raise UnprocessableError(
                "purpose_required", "State a purpose: what the names or images are needed for. The audit log keeps it."
            )
        if len(self.purpose) > LONGEST_PURPOSE:
            raise UnprocessableError(
                "purpose_too_long", f"`purpose` has {len(self.purpose)} characters; the limit is {LONGEST_PURPOSE}."
            )


async def reveal(
    request: Request,
    subject: Caller,
    original: Annotated[bool, Query(description="Return the original instead of a cover.")] = False,
    purpose: Annotated[
        str,
        Query(
            description=f"What the original is needed for, in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters. The "
            "audit log keeps it with the person or API key that asked."
        ),
    ] = "",
) -> Reveal:
    """Read the request for an image. `check` raises its errors later, where they can be logged."""
    return Reveal(original, purpose_of(purpose), foreign_origin(request, subject) if original else None)


def purpose_of(text: str) -> str:
    """Return a purpose as it can be stored."""
    return text.replace(UNSTORABLE, "").strip()


def foreign_origin(request: Request, subject: Subject) -> ForbiddenError | None:
    """Return the error of a request that a page of another site sent with our cookie."""
    if subject.by_cookie:
        try:
            check_origin(request)
        except ForbiddenError as error:
            return error
    return None


Revealing = Annotated[Reveal, Depends(reveal)]


def asked_of_reconstruction(reconstruction_id: UUID, part: str = "") -> Asked:
    """Describe a request for an image that an attack or a control made, or for its `/film`."""
    audit = select(Audit.id, Audit.project_id).join(Reconstruction, Reconstruction.audit_id == Audit.id)
    audit = audit.where(Reconstruction.id == reconstruction_id)
    return Asked(public_id("rec", reconstruction_id) + part, audit, REFUSED)


def asked_of_reference(audit_id: UUID, index: int) -> Asked:
    """Describe a request for a private image."""
    return _asked(Audit, audit_id, f"references/{index}")


def asked_of_public_image(audit_id: UUID, index: int) -> Asked:
    """Describe a request for a public image."""
    return _asked(Audit, audit_id, f"public-images/{index}")


def asked_of_report(audit_id: UUID) -> Asked:
    """Describe a request for a report that shows people."""
    return _asked(Audit, audit_id, "report", action="report.reveal_refused")


def asked_of_samples(dataset_id: UUID) -> Asked:
    """Describe a request for the sample sheet of a data set."""
    return _asked(Dataset, dataset_id, "samples")


def asked_of_training(audit_id: UUID) -> Asked:
    """Describe a request for samples of a prior in training."""
    return _asked(Audit, audit_id, "prior-samples")


def asked_of_prior(prior_id: UUID) -> Asked:
    """Describe a request for samples of a prior that is kept."""
    return _asked(Artifact, prior_id, "samples")


def _asked(of: type[Owner], owner_id: UUID, part: str, action: str = REFUSED) -> Asked:
    what = f"{public_id(PREFIXES[of], owner_id)}/{part}"
    return Asked(what, select(of.id, of.project_id).where(of.id == owner_id), action, of)


@asynccontextmanager
async def refusals_logged(session: AsyncSession, subject: Subject, shown: Reveal, asked: Asked) -> AsyncIterator[None]:
    """Log the rejection when the block rejects a request for an original."""
    try:
        yield
    except ProblemError as error:
        if shown.original:
            await (
                session.rollback()
            )  # free the connection first: many rejections at once must not each wait for a second one
            await _record_refusal(subject, shown, asked, error)
        raise


async def _record_refusal(subject: Subject, shown: Reveal, asked: Asked, error: ProblemError) -> None:
    async with async_session() as session:
        owner = (await session.execute(within(asked.owner, asked.of.project_id, subject))).one_or_none()
        details = {
            KEYS[asked.of]: public_id(PREFIXES[asked.of], owner.id) if owner else None,
            "reason": error.code,
            "purpose": shown.purpose[:LONGEST_PURPOSE],
        }
        project_id = owner.project_id if owner else subject.project_id
        await audit_log.write(
            session,
            subject,
            asked.action,
            asked.what,
            project_id=project_id,
            organisation_id=subject.organisation_id,
            details=details,
        )


async def record_reveal(
    session: AsyncSession,
    subject: Subject,
    shown: Reveal,
    what: str,
    owner: Owner,
    *,
    png: bytes,
    pictures: Sequence[str] = (),
) -> bytes:
    """Log `image.revealed` in the transaction of the request, and return the marked picture.

    Args:
        what: the subject of the entry.
        owner: the audit, the data set or the prior of the picture.
        pictures: the pictures on a sheet, so that the entry is found by each of them.
    """
    identifier = public_id(PREFIXES[type(owner)], owner.id)
    details: dict[str, Any] = {KEYS[type(owner)]: identifier, "purpose": shown.purpose}
    details |= {"pictures": list(pictures)} if pictures else {}
    await audit_log.write(session, subject, "image.revealed", what, project_id=owner.project_id, details=details)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    return marked(png, f"{what} of {identifier}, revealed to {subject.name} at {moment} for: {shown.purpose}")
