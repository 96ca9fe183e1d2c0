"""From rows to the overview of a project."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.states import AuditState, IntakeState
from app.kit.ids import public_id
from app.overview import repository, schemas
from app.releases.schemas import ReleaseAudit

PREFIXES = {"waiver_asked": "wai", "schedule_failing": "sch", "source_failing": "src"}
KINDS = get_args(schemas.NeedKind)


async def get(session: AsyncSession, subject: Subject, project_id: UUID) -> schemas.Overview:
    """Return every target with its newest releases, and what needs a person."""
    subject.require(Scope.AUDITS_READ)
    now = datetime.now(UTC)
    rows = await repository.lines(session, subject, project_id)
    newest = [next(of) for _, of in groupby(rows, key=lambda row: row.target_id)]
    needs = [need for row in newest if row.release_id is not None for need in _of_release(row)]
    for row in await repository.waiting(session, subject, project_id, now):
        found = dict(row._mapping)
        needs.append(schemas.Need(subject=public_id(PREFIXES[row.kind], found.pop("id")), **found))
    count, first, audit_id = await repository.pictures(session, subject, project_id, now)
    if first is not None and audit_id is not None:
        subject_id = public_id("aud", audit_id)
        needs.append(
            schemas.Need(
                kind="pictures_deleted_soon",
                subject=subject_id,
                name="",
                target_id=None,
                detail=None,
                count=count,
                at=first,
            )
        )
    needs.sort(key=lambda need: (KINDS.index(need.kind), -need.at.timestamp()))
    return schemas.Overview(
        targets=[_target(list(of)) for _, of in groupby(rows, key=lambda row: row.target_id)],
        target_count=await repository.target_count(session, subject, project_id),
        needs=needs[: repository.NEEDS],
    )


def _target(rows: list[Any]) -> schemas.OverviewTarget:
    releases = [_release(row) for row in rows if row.release_id is not None]
    return schemas.OverviewTarget(id=rows[0].target_id, name=rows[0].name, releases=releases)


def _release(row: Any) -> schemas.OverviewRelease:
    audit = decision = last = None
    if row.audit_id is not None:
        fields = {name: getattr(row, f"audit_{name}") for name in ReleaseAudit.model_fields}
        audit = ReleaseAudit(**fields)
    if row.last_id is not None:
        last = schemas.LastAudit(id=row.last_id, state=row.last_state)
    if row.decision_id is not None:
        decision = schemas.OverviewDecision(
            id=row.decision_id, outcome=row.decision_outcome, regressed=row.decision_worse
        )
    return schemas.OverviewRelease(
        id=row.release_id,
        version=row.release_version,
        state=row.release_state,
        created_at=row.release_created_at,
        audit=audit,
        last_audit=last,
        decision=decision,
    )


def _of_release(row: Any) -> Iterator[schemas.Need]:
    """Yield what the newest release of a target needs, at most one thing."""
    about: dict[str, Any] = {"name": f"{row.name} {row.release_version}", "target_id": row.target_id, "detail": None}
    if row.last_state == AuditState.FAILED:
        at = row.last_finished_at or row.release_created_at
        yield schemas.Need(kind="audit_failed", subject=public_id("aud", row.last_id), at=at, **about)
    elif row.decision_outcome == "fail":
        about["detail"] = row.decision_next_step
        subject = public_id("aud", row.audit_id) if row.audit_id else public_id("rel", row.release_id)
        yield schemas.Need(kind="policy_blocks", subject=subject, at=row.decision_created_at, **about)
    elif row.audit_verdict == "INCONCLUSIVE":
        about["detail"] = row.decision_next_step
        at = row.audit_finished_at or row.release_created_at
        yield schemas.Need(kind="inconclusive", subject=public_id("aud", row.audit_id), at=at, **about)
    elif row.last_id is None and row.release_state == IntakeState.READY:
        yield schemas.Need(
            kind="never_audited", subject=public_id("rel", row.release_id), at=row.release_created_at, **about
        )
