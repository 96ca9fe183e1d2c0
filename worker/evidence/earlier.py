"""Results of earlier stages of the same audit."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Job
from app.db.states import JobState
from app.jobs.stages import Stage
from worker.job.context import StageContext
from worker.job.lacking import LackingError


def stage_result(context: StageContext, stage: Stage) -> dict[str, Any]:
    """Return the result of an earlier stage with one job.

    Raises: LackingError while that stage runs again.
    """
    statement = select(Job.result).where(
        Job.audit_id == context.claim.audit_id, Job.stage == stage, Job.state == JobState.SUCCEEDED
    )
    result: dict[str, Any] | None = context.read(lambda session: session.execute(statement).scalar_one_or_none())
    if result is None:
        raise LackingError("result", stage)
    return result


def look_result(context: StageContext) -> dict[str, Any]:
    """Return the result of the early look. Empty if the audit has none, or it has not run."""
    return context.read(lambda session: look_of(session, context.claim.audit_id))


def look_of(session: Session, audit_id: UUID | None) -> dict[str, Any]:
    """Return the result of the early look of an audit, as `look_result` does."""
    statement = select(Job.result).where(
        Job.audit_id == audit_id, Job.stage == Stage.LOOK, Job.state == JobState.SUCCEEDED
    )
    return session.execute(statement).scalar_one_or_none() or {}


def of_attack(result: dict[str, Any], attack: int) -> dict[str, Any]:
    """Return the part of a result of the prior or the students stage that belongs to an attack.

    With one attack, that part is all of the result.
    """
    parts: list[dict[str, Any]] = result.get("attacks") or [result]
    return parts[attack]


def reference_findings(context: StageContext) -> dict[str, Any]:
    """Return the findings of the references stage.

    Empty if an older version prepared the audit.
    """
    statement = select(Job.stage, Job.result).where(
        Job.audit_id == context.claim.audit_id,
        Job.stage.in_([Stage.REFERENCES, Stage.PREPARE]),
        Job.state == JobState.SUCCEEDED,
    )
    rows = context.read(lambda session: session.execute(statement).all())
    results: dict[str, dict[str, Any]] = {stage: result for stage, result in rows}  # noqa: C416 - rows are not pairs
    return results.get(Stage.REFERENCES) or results.get(Stage.PREPARE, {}).get("references") or {}


def stopped(context: StageContext) -> dict[str, str] | None:
    """Return why the audit ends without an attack, as `code` and `detail`.

    None if it continues.
    """
    return reference_findings(context).get("stopped")
