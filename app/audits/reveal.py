"""Seeing a picture of a person as it is: needs a scope and a purpose, and leaves a line in the audit log."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.authenticate import Caller
from app.auth.csrf import check_origin
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit
from app.errors import UnprocessableError
from app.kit.ids import public_id

SHORTEST_PURPOSE = 3


@dataclass(frozen=True)
class Reveal:
    """Whether the original is asked for, and what for."""

    original: bool
    purpose: str

    def check(self, subject: Subject) -> None:
        """Scope and purpose, before anything is read."""
        if not self.original:
            return
        subject.require(Scope.RECONSTRUCTIONS_REVEAL)
        if len(self.purpose) < SHORTEST_PURPOSE:
            raise UnprocessableError(
                "purpose_required", "Say in `purpose` what the original is needed for; it is kept in the audit log."
            )


async def reveal(
    request: Request,
    subject: Caller,
    original: Annotated[bool, Query(description="The image as it is, instead of blurred.")] = False,
    purpose: Annotated[str, Query(max_length=500, description="What the original is needed for.")] = "",
) -> Reveal:
    """The dependency of an image endpoint. A foreign page can't make a browser leave log lines."""
    if original and subject.by_cookie:
        check_origin(request)
    return Reveal(original, purpose.strip())


Revealing = Annotated[Reveal, Depends(reveal)]


async def record_reveal(session: AsyncSession, subject: Subject, shown: Reveal, what: str, audit: Audit) -> None:
    """The line in the audit log, in the transaction of the answer: without the line there is no picture."""
    details = {"audit": public_id("aud", audit.id), "purpose": shown.purpose}
    await audit_log.write(session, subject, "image.revealed", what, project_id=audit.project_id, details=details)
