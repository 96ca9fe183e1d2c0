"""Seeing a picture of a person as it is: needs a scope and a purpose. Both what is shown and what is refused is logged.

An entry of what is shown is part of the request's transaction: without the entry there is no picture. A refused request
is rolled back, so its entry has a transaction of its own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.authenticate import Caller
from app.auth.csrf import check_origin
from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Audit, Reconstruction
from app.db.session import async_session
from app.errors import ForbiddenError, ProblemError, UnprocessableError
from app.kit.ids import public_id

SHORTEST_PURPOSE, LONGEST_PURPOSE = 3, 500
UNSTORABLE = "\0"  # PostgreSQL keeps no text with it


class Asked(NamedTuple):
    """What a picture was asked of: the subject of the log entry, and the audit's row, if there is one."""

    what: str
    audit: Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Reveal:
    """Whether the original is asked for, what for, and whether another site's page made the browser ask."""

    original: bool
    purpose: str
    foreign: ForbiddenError | None = None

    def check(self, subject: Subject) -> None:
        """Origin, scope and purpose, before anything is read."""
        if not self.original:
            return
        if self.foreign is not None:
            raise self.foreign
        subject.require(Scope.RECONSTRUCTIONS_REVEAL)
        if len(self.purpose) < SHORTEST_PURPOSE:
            raise UnprocessableError(
                "purpose_required", "Say in `purpose` what the original is needed for. The audit log keeps it."
            )
        if len(self.purpose) > LONGEST_PURPOSE:
            raise UnprocessableError(
                "purpose_too_long", f"`purpose` has {len(self.purpose)} characters; at most {LONGEST_PURPOSE} are kept."
            )


async def reveal(
    request: Request,
    subject: Caller,
    original: Annotated[bool, Query(description="The image as it is, instead of blurred.")] = False,
    purpose: Annotated[
        str,
        Query(
            description=f"What the original is needed for, in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters. The "
            "audit log keeps it with the name of the API key or session."
        ),
    ] = "",
) -> Reveal:
    """The dependency of an image endpoint. What is wrong is found by `check`, where a refusal can be logged."""
    foreign = None
    if original and subject.by_cookie:
        try:
            check_origin(request)
        except ForbiddenError as error:
            foreign = error
    return Reveal(original, purpose.replace(UNSTORABLE, "").strip(), foreign)


Revealing = Annotated[Reveal, Depends(reveal)]


def asked_of_reconstruction(reconstruction_id: UUID) -> Asked:
    """For an image that an attack or a control made."""
    audit = select(Audit.id, Audit.project_id).join(Reconstruction, Reconstruction.audit_id == Audit.id)
    return Asked(public_id("rec", reconstruction_id), audit.where(Reconstruction.id == reconstruction_id))


def asked_of_reference(audit_id: UUID, index: int) -> Asked:
    """For a private image."""
    audit = select(Audit.id, Audit.project_id).where(Audit.id == audit_id)
    return Asked(f"{public_id('aud', audit_id)}/references/{index}", audit)


@asynccontextmanager
async def refusals_logged(session: AsyncSession, subject: Subject, shown: Reveal, asked: Asked) -> AsyncIterator[None]:
    """Log `image.reveal_refused` with its reason when the block refuses an original; blurred images leave no entry."""
    try:
        yield
    except ProblemError as error:
        if shown.original:
            await session.rollback()  # its connection first: many refusals at once must not wait for a second one each
            await _record_refusal(subject, shown, asked, error)
        raise


async def _record_refusal(subject: Subject, shown: Reveal, asked: Asked, error: ProblemError) -> None:
    async with async_session() as session:
        audit = (await session.execute(within(asked.audit, Audit.project_id, subject))).one_or_none()
        details = {
            "audit": public_id("aud", audit.id) if audit else None,
            "reason": error.code,
            "purpose": shown.purpose[:LONGEST_PURPOSE],
        }
        project_id = audit.project_id if audit else subject.project_id
        await audit_log.write(
            session, subject, "image.reveal_refused", asked.what, project_id=project_id, details=details
        )


async def record_reveal(session: AsyncSession, subject: Subject, shown: Reveal, what: str, audit: Audit) -> None:
    """Log `image.revealed` in the transaction of the answer."""
    details = {"audit": public_id("aud", audit.id), "purpose": shown.purpose}
    await audit_log.write(session, subject, "image.revealed", what, project_id=audit.project_id, details=details)
