"""Tests of a draft: what it would have decided on the last releases. Nothing is stored."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.decision import PolicyShown
from app.contract.policy import Policy
from app.db.models import Target
from app.errors import NotFoundError
from app.gate.deciding import decide
from app.gate.facts import Earlier, serves_as_reference
from app.kit.canonical import digest
from app.policies import feasible, gathering, schemas
from app.policies.recording import last_decision
from app.policies.service import stored
from app.targets import repository as targets

DRAFT = "draft"


async def test(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.TestRequest
) -> schemas.TestReport:
    """Decide the newest audit of each of the last releases by a draft."""
    subject.require(Scope.AUDITS_READ)
    chosen = await _targets(session, subject, project_id, body.target_id)
    items: list[schemas.Tested] = []
    for target in chosen:
        items += await session.run_sync(tested, target, body.policy, body.releases, now=datetime.now(UTC))
    reasons = [await feasible.cannot_pass(session, body.policy, target) for target in chosen]
    return schemas.TestReport(items=items, cannot_pass=[why for why in reasons if why is not None])


def tested(session: Session, target: Target, policy: Policy, releases: int, *, now: datetime) -> list[schemas.Tested]:
    """Return the decisions on the releases of one target, oldest first.

    A release passes or not by the draft, so that the next one is compared as the draft says.
    """
    shown = PolicyShown(id=None, name=DRAFT, version=0, digest=digest(stored(policy)))
    valid = gathering.waivers(session, target.id, now)
    passed: dict[str, bool] = {}
    items = []
    for audit, release in gathering.newest_audits(session, target.id, releases):
        facts = gathering.audited(session, audit, release, target)
        before = [_by_draft(one, passed) for one in gathering.earlier(session, audit, release)]
        made = decide(policy, shown, facts, earlier=before, waivers=valid, now=now)
        passed[facts.audit] = serves_as_reference(made)
        last = last_decision(session, audit.id)
        outcome = None if last is None else last.outcome
        item = {"audit_id": audit.id, "release_id": release.id, "decision": made, "stored": outcome}
        items.append(schemas.Tested.model_validate(item))
    return items


def _by_draft(earlier: Earlier, passed: dict[str, bool]) -> Earlier:
    return Earlier(**{**vars(earlier), "passed": passed.get(earlier.audit, earlier.passed)})


async def _targets(session: AsyncSession, subject: Subject, project_id: UUID, target_id: UUID | None) -> list[Target]:
    statement = targets.readable(subject).where(Target.project_id == project_id)
    if target_id is not None:
        statement = statement.where(Target.id == target_id)
    found = list((await session.execute(statement.order_by(Target.created_at))).scalars())
    if target_id is not None and not found:
        raise NotFoundError("no_such_target", "There is no such target in this project.")
    return found
