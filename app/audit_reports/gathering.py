"""Reads what a report says, through the services that answer the API."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit_reports.facts import Facts, Made, Other, Person, called
from app.audit_reports.pseudonyms import pseudonym
from app.audit_reports.sections import mitigations
from app.audit_reports.sections.people import MOST
from app.audits import identities, outcomes, replay, repository
from app.audits import service as audits
from app.auth.subject import Subject
from app.blind_line_ups import results as blind_line_ups
from app.contract.decision import Decision as Document
from app.contract.result import Result
from app.db.models import Audit, Decision, Release
from app.db.states import AuditState
from app.policies.repository import readable_decisions
from app.releases import service as releases

MOST_REPLAYS = 5


async def gathered(session: AsyncSession, subject: Subject, audit_id: UUID, made: Made) -> Facts:
    """Return the facts of a report, without pictures.

    Raises: NotFoundError, ConflictError if the audit has no result.
    """
    audit = await audits.get(session, subject, audit_id)
    result = await outcomes.result(session, subject, audit_id)
    exposed = await identities.most_exposed(session, subject, audit_id, MOST)
    target = audit.release.target_id
    people = [Person(pseudonym(target, one.name), one, name=one.name if made.names else None) for one in exposed]
    named = [one.name for one in result.named] + (result.naming.named_earlier_only if result.naming else [])
    return Facts(
        audit=audit,
        result=result,
        release=await releases.get(session, subject, audit.release.id),
        people=people,
        shown={name: called(pseudonym(target, name), name if made.names else None) for name in named},
        others=await _others(session, subject, audit_id, target),
        replays=await _replays(session, subject, audit_id),
        decision=await _decision(session, subject, audit_id),
        made=made,
        blind_line_up=await blind_line_ups.of_audit(session, subject, audit_id),
    )


def _finished(subject: Subject, audit_id: UUID) -> Select[Audit]:
    """Select the finished audits except one."""
    return repository.readable(subject).where(Audit.state == AuditState.SUCCEEDED, Audit.id != audit_id)


async def _others(session: AsyncSession, subject: Subject, audit_id: UUID, target: UUID) -> list[Other]:
    wanted = repository.with_names(_finished(subject, audit_id)).where(Release.target_id == target)
    wanted = wanted.where(Audit.replay_of.is_(None), Release.twin_of.is_(None))
    wanted = wanted.order_by(Audit.created_at.desc()).limit(mitigations.MOST).add_columns(Audit.result)
    return [
        Other(audits.document(audit, repository.Names(*names)), Result.load(stored))
        for audit, *names, stored in await session.execute(wanted)
    ]


async def _replays(session: AsyncSession, subject: Subject, audit_id: UUID) -> list[Any]:
    wanted = _finished(subject, audit_id).where(Audit.replay_of == audit_id).with_only_columns(Audit.id)
    found = await session.scalars(wanted.order_by(Audit.created_at.desc()).limit(MOST_REPLAYS))
    return [await replay.drift(session, subject, one) for one in list(found)]


async def _decision(session: AsyncSession, subject: Subject, audit_id: UUID) -> Document | None:
    wanted = readable_decisions(subject).where(Decision.audit_id == audit_id).order_by(Decision.number.desc()).limit(1)
    row = (await session.execute(wanted)).scalar_one_or_none()
    return None if row is None else Document.model_validate(row.document)
