"""The result of an audit and its comparison with the previous release."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository
from app.auth.subject import Subject
from app.contract.result import Result
from app.contract.result.names import Regression
from app.errors import ConflictError, NotFoundError

ENDED = {"cancelled", "failed"}


def without_result(what: str, state: str) -> str:
    """Return why an audit or a replay has no result, and what to do."""
    if state in ENDED:
        return (
            f"This {what} {'was cancelled' if state == 'cancelled' else 'failed'}, so it has no result. Start another."
        )
    return f"This {what} is {state} and has no result yet. Wait until it has ended."


async def result(session: AsyncSession, subject: Subject, audit_id: UUID) -> Result:
    """Return the result document. Raises: ConflictError while there is none."""
    audit = await repository.get(session, subject, audit_id)
    if audit.result is None:
        raise ConflictError("no_result", without_result("audit", audit.state))
    return Result.load(audit.result)


async def regression(session: AsyncSession, subject: Subject, audit_id: UUID) -> Regression:
    """Return the comparison with the previous release, made by the score stage."""
    found = await result(session, subject, audit_id)
    if found.regression is None:
        raise NotFoundError("no_regression", "This audit was scored before releases were compared; audit again.")
    return found.regression
