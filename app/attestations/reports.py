"""Reports of recorded decisions: rendered, and signed."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.attestations import service
from app.attestations.report_schemas import Badges, Signed
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.decision import Decision as Document
from app.contract.report_formats import ReportFormat
from app.db.models import Audit, Decision, Project, Target
from app.db.session import async_session
from app.errors import UnauthenticatedError
from app.kit.ids import public_id
from app.policies import decisions
from app.policies import repository as policies
from app.projects import repository as projects
from app.reports import badge
from app.reports.formats import FORMATS, render
from app.reports.place import Place
from app.targets import repository as targets


async def rendered(
    session: AsyncSession, subject: Subject, decision_id: UUID, name: ReportFormat, place: Place
) -> bytes:
    """Return a decision in a format."""
    row = await policies.get_decision(session, subject, decision_id)
    return render(name, Document.model_validate(row.document), place)


async def signed(session: AsyncSession, subject: Subject, audit_id: UUID, name: Signed) -> bytes:
    """Return a signed statement with the current decision about an audit.

    An earlier decision of the audit is never signed, because it may have been better.
    """
    counts = await decisions.of_audit(session, subject, audit_id)
    row = await policies.get_decision(session, subject, counts.id)
    return await service.signed(session, subject, render(name, Document.model_validate(row.document)))


async def badge_of(subject: Subject | None, target_id: UUID) -> tuple[bytes, bool]:
    """Return the badge of a target, and whether anybody may see it.

    It shows the last decision about the newest audited release.
    """
    async with async_session(bound=False) as session:
        opened = select(Project.public_badges).join(Target, Target.project_id == Project.id)
        public = bool(await session.scalar(opened.where(Target.id == target_id)))
    async with async_session(bound=not public) as session:
        target = await session.get_one(Target, target_id) if public else await _own(session, subject, target_id)
        statement = (
            select(Decision)
            .join(Audit, Audit.id == Decision.audit_id)
            .where(Decision.target_id == target_id)
            .order_by(Audit.created_at.desc(), Audit.id.desc(), Decision.number.desc())
            .limit(1)
        )
        last = await session.scalar(statement)
    if last is None or (last.until is not None and last.until <= datetime.now(UTC)):
        return badge.without_decision(target.name), public
    return FORMATS["badge"].render(Document.model_validate(last.document), Place()), public


async def _own(session: AsyncSession, subject: Subject | None, target_id: UUID) -> Target:
    if subject is None:
        raise UnauthenticatedError("not_signed_in", "This badge is not public. Send an API key.")
    subject.require(Scope.AUDITS_READ)
    return await targets.get(session, subject, target_id)


async def open_badges(session: AsyncSession, subject: Subject, project_id: UUID, body: Badges) -> Badges:
    """Let everybody read the badges of a project, or only those with a key."""
    subject.require(Scope.KEYS_WRITE)
    project = await projects.get(session, subject, project_id)
    project.public_badges = body.public
    await audit_log.write(
        session,
        subject,
        "project.badges_changed",
        public_id("prj", project.id),
        project_id=project.id,
        details={"public": body.public},
    )
    return body
