"""Queries over policies, their versions, decisions and waivers."""

from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Decision, Policy, PolicyVersion, Release, Target, Waiver
from app.db.states import IntakeState
from app.errors import ConflictError, NotFoundError
from app.kit.cursor import Keyset
from app.kit.listing import Listing, given, text_of

LISTING = Listing(
    Policy.id,
    sorts={"created_at": Policy.created_at, "name": Policy.name},
    search=text_of(Policy.name),
    prefix="pol",
)
NEWEST_VERSION_FIRST = Keyset((PolicyVersion.version.expression,), descending=True)
NEWEST_DECISION_FIRST = Keyset((Decision.created_at.expression, Decision.id.expression), descending=True)
WAIVERS = Listing(
    Waiver.id,
    sorts={"created_at": Waiver.created_at, "expires_at": Waiver.expires_at},
    search=text_of(Waiver.reason, Waiver.asked_by, Waiver.finding, Waiver.rule),
    prefix="wai",
    filters={"ended": given(Waiver.ended_at), "approved": given(Waiver.approved_at)},
)


def readable(subject: Subject) -> Select[Policy]:
    """Select the policies that the subject may see."""
    return within(select(Policy), Policy.project_id, subject)


def readable_versions(subject: Subject) -> Select[PolicyVersion]:
    """Select the versions that the subject may see."""
    return within(select(PolicyVersion), PolicyVersion.project_id, subject)


def readable_decisions(subject: Subject) -> Select[Decision]:
    """Select the decisions that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Decision), Decision.project_id, subject)


def readable_waivers(subject: Subject) -> Select[Waiver]:
    """Select the waivers that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Waiver), Waiver.project_id, subject)


async def get(session: AsyncSession, subject: Subject, policy_id: UUID, *, lock: bool = False) -> Policy:
    """Return a policy, which may be deleted.

    Raises: NotFoundError if there is none that the subject may see.
    """
    statement = readable(subject).where(Policy.id == policy_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_policy", "There is no such policy.")
    return found


async def get_to_change(session: AsyncSession, subject: Subject, policy_id: UUID) -> Policy:
    """Return a policy and lock it. Raises: NotFoundError, ConflictError if it is deleted."""
    found = await get(session, subject, policy_id, lock=True)
    if found.deleted_at is not None:
        raise ConflictError("policy_deleted", f"The policy {found.name!r} was deleted. Create another one.")
    return found


async def get_decision(session: AsyncSession, subject: Subject, decision_id: UUID) -> Decision:
    """Return a decision. Raises: NotFoundError if there is none that the subject may see."""
    found = (await session.execute(readable_decisions(subject).where(Decision.id == decision_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_decision", "There is no such decision.")
    return found


async def get_waiver(session: AsyncSession, subject: Subject, waiver_id: UUID, *, lock: bool = False) -> Waiver:
    """Return a waiver. Raises: NotFoundError if there is none that the subject may see."""
    statement = readable_waivers(subject).where(Waiver.id == waiver_id)
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_waiver", "There is no such waiver.")
    return found


async def newest_version(session: AsyncSession, policy_id: UUID) -> PolicyVersion:
    """Return the newest version of a policy."""
    statement = select(PolicyVersion).where(PolicyVersion.policy_id == policy_id)
    return (await session.execute(statement.order_by(PolicyVersion.version.desc()).limit(1))).scalar_one()


async def default_of(session: AsyncSession, project_id: UUID) -> Policy | None:
    """Return the default policy of a project."""
    statement = select(Policy).where(Policy.project_id == project_id, Policy.default_since.is_not(None))
    return (await session.execute(statement)).scalar_one_or_none()


def applies_to(policy: Policy) -> ColumnElement[bool]:
    """Return the condition for targets that a policy applies to, assigned or by default."""
    mine = Target.policy_id == policy.id
    if policy.default_since is not None:
        mine |= Target.policy_id.is_(None)
    return and_(Target.project_id == policy.project_id, mine)


def without_policy(project_id: UUID) -> ColumnElement[bool]:
    """Return the condition for targets that the default of a project applies to."""
    return and_(Target.project_id == project_id, Target.policy_id.is_(None))


async def targets_of(session: AsyncSession, policy: Policy, *, limit: int) -> tuple[list[Target], int]:
    """Return the oldest targets that a policy applies to, and how many there are."""
    mine = applies_to(policy)
    count = await session.scalar(select(func.count()).select_from(Target).where(mine))
    statement = select(Target).where(mine).order_by(Target.created_at, Target.id).limit(limit)
    return list((await session.execute(statement)).scalars()), count or 0


async def fewest_classes(session: AsyncSession, targets: ColumnElement[bool]) -> Row[str, str, int] | None:
    """Return (target, version, classes) of the smallest of the newest releases of targets."""
    newest = (
        select(Target.name, Release.version, func.jsonb_array_length(Release.classes).label("classes"))
        .join(Release, Release.target_id == Target.id)
        .where(targets, Release.state == IntakeState.READY, Release.twin_of.is_(None))
        .ext(distinct_on(Target.id))
        .order_by(Target.id, Release.created_at.desc(), Release.id.desc())
        .subquery()
    )
    return (await session.execute(select(newest).order_by(newest.c.classes, newest.c.name).limit(1))).one_or_none()


async def newest_release(session: AsyncSession, target_id: UUID) -> Release | None:
    """Return the newest release of a target that is ready and not a twin."""
    statement = (
        select(Release)
        .where(Release.target_id == target_id, Release.state == IntakeState.READY, Release.twin_of.is_(None))
        .order_by(Release.created_at.desc(), Release.id.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
