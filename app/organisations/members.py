"""Members of an organisation: who belongs to it, in which role."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, person_repository
from app.auth.roles import SCOPES
from app.auth.scopes import Scope
from app.auth.subject import Kind, Subject, within_organisation
from app.db.models import ApiKey, Membership, Person, Role
from app.errors import ConflictError, ForbiddenError, NotFoundError
from app.kit.ids import public_id
from app.kit.listing import Listing, equals, listed, text_of
from app.organisations import schemas

LOCK_CLASS = 0x65786164  # "exad": first half of the advisory lock of an organisation's administrators
LISTING = Listing(
    Membership.id,
    sorts={"created_at": Membership.created_at, "name": Person.name, "email": Person.email},
    search=text_of(Person.name, Person.email),
    prefix="mem",
    filters={"role": equals(Membership.role)},
)


def readable(subject: Subject) -> Select[Membership, Person]:
    """Select the memberships that the subject may see, each with its person."""
    statement = select(Membership, Person).join(Person, Person.id == Membership.person_id)
    return within_organisation(statement, Membership.organisation_id, subject, project_id=Membership.project_id)


async def page(
    session: AsyncSession, subject: Subject, organisation_id: UUID, asked: schemas.MemberQuery
) -> schemas.MemberPage:
    """List the members of an organisation, newest first."""
    statement = readable(subject).where(Membership.organisation_id == organisation_id)
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.MemberPage(items=[document(row[0], row[1]) for row in rows], next_cursor=following)


async def change(session: AsyncSession, subject: Subject, member_id: UUID, role: Role) -> schemas.Member:
    """Give a member another role, at once also in open sessions and for personal keys."""
    membership, person = await _get(session, subject, member_id)
    require_rank(subject, Role(membership.role))
    require_rank(subject, role)
    before = Role(membership.role)
    if role is not before:
        if before is Role.ADMINISTRATOR:
            await _require_another(session, subject, membership)
        membership.role = role
        await _revoke_excess(session, membership, role)
        await _log(session, subject, "member.changed", membership, {"from": before.value, "to": role.value})
    return document(membership, person)


async def remove(session: AsyncSession, subject: Subject, member_id: UUID) -> None:
    """End a membership, its sessions, its personal keys, and the keys that these made."""
    membership, person = await _get(session, subject, member_id)
    if membership.person_id != subject.person_id:
        require_rank(subject, Role(membership.role))
    if membership.role == Role.ADMINISTRATOR:
        await _require_another(session, subject, membership)
    await person_repository.revoke_keys(session, ApiKey.membership_id == membership.id)
    await _log(session, subject, "member.removed", membership, {"email": person.email})
    await session.delete(membership)
    await session.flush()


def require_rank(subject: Subject, role: Role) -> None:
    """Raise `ForbiddenError` unless the subject may do all that a role may."""
    lacking = sorted(SCOPES[role] - subject.scopes)
    if lacking:
        raise ForbiddenError(
            "scope_escalation", f"You cannot manage the role {role.value}, because you lack {', '.join(lacking)}."
        )


def document(membership: Membership, person: Person) -> schemas.Member:
    """Return the document of a member."""
    return schemas.Member(
        id=membership.id,
        organisation_id=membership.organisation_id,
        project_id=membership.project_id,
        person_id=person.id,
        email=person.email,
        name=person.name,
        role=Role(membership.role),
        second_factor=person.totp_confirmed_at is not None,
        disabled=person.disabled_at is not None,
        created_at=membership.created_at,
    )


async def _get(session: AsyncSession, subject: Subject, member_id: UUID) -> tuple[Membership, Person]:
    statement = readable(subject).where(Membership.id == member_id).with_for_update(of=Membership)
    found = (await session.execute(statement)).one_or_none()
    own = found is not None and found[1].id == subject.person_id
    if not own:
        subject.require(Scope.MEMBERS_WRITE)
    if found is None:
        raise NotFoundError("no_such_member", "There is no such member.")
    return found[0], found[1]


async def _require_another(session: AsyncSession, subject: Subject, membership: Membership) -> None:
    """Raise `ConflictError` for the last administrator of the whole organisation.

    Changes of administrators take turns, so that two of them cannot leave at the same time.
    """
    if membership.project_id is not None or subject.kind is Kind.OPERATOR:
        return
    others: tuple[ColumnElement[bool], ...] = (
        Membership.organisation_id == membership.organisation_id,
        Membership.project_id.is_(None),
        Membership.role == Role.ADMINISTRATOR,
        Membership.id != membership.id,
        Person.disabled_at.is_(None),
    )
    organisation = func.hashtext(str(membership.organisation_id))
    await session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, organisation)))
    count = select(func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id)
    if not (await session.execute(count.where(*others))).scalar_one():
        raise ConflictError(
            "last_administrator", "This is the last administrator of the organisation. Appoint another one first."
        )


async def _revoke_excess(session: AsyncSession, membership: Membership, role: Role) -> None:
    """Revoke keys of machines, made with personal keys, that can do more than the role."""
    allowed = literal([scope.value for scope in SCOPES[role]], ARRAY(String))
    parents = select(ApiKey.id).where(ApiKey.membership_id == membership.id).scalar_subquery()
    await person_repository.revoke_keys(
        session,
        ApiKey.parent_id.in_(parents),
        ApiKey.membership_id.is_(None),
        ApiKey.scopes.op("<@")(allowed).is_(False),
    )


async def _log(
    session: AsyncSession, subject: Subject, action: str, membership: Membership, details: dict[str, Any]
) -> None:
    await audit_log.write(
        session,
        subject,
        action,
        public_id("per", membership.person_id),
        project_id=membership.project_id,
        organisation_id=membership.organisation_id,
        details=details,
    )
