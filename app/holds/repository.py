"""Queries over legal holds."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Audit, LegalHold
from app.errors import NotFoundError
from app.kit.ids import public_id
from app.kit.listing import Listing, equals, given, text_of

LISTING = Listing(
    LegalHold.id,
    sorts={"created_at": LegalHold.created_at},
    search=text_of(LegalHold.subject, LegalHold.reason, LegalHold.placed_by),
    prefix="hld",
    filters={"released": given(LegalHold.released_at), "subject": equals(LegalHold.subject)},
)


def readable(subject: Subject) -> Select[LegalHold]:
    """Select the holds that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(LegalHold), LegalHold.project_id, subject)


async def get(session: AsyncSession, subject: Subject, hold_id: UUID) -> LegalHold:
    """Return a hold and lock it. Raises: NotFoundError."""
    statement = readable(subject).where(LegalHold.id == hold_id).with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_hold", "There is no such legal hold.")
    return found


def active(session: Session, project_id: UUID, subjects: Collection[str]) -> list[LegalHold]:
    """Return the holds on any of these public ids, or on the whole project."""
    names = {*subjects, public_id("prj", project_id)}
    return [one for one in all_active(session, project_id) if one.subject in names]


def all_active(session: Session, project_id: UUID) -> list[LegalHold]:
    """Return the holds on a project and on everything in it, oldest first."""
    statement = select(LegalHold).where(LegalHold.project_id == project_id, LegalHold.released_at.is_(None))
    return list(session.scalars(statement.order_by(LegalHold.created_at)))


def without_held(session: Session, audits: Collection[Audit]) -> list[Audit]:
    """Return the audits of which neither they nor their inputs nor their project are held."""
    return [one for one in audits if not active(session, one.project_id, subjects_of(one))]


def subjects_of(audit: Audit) -> set[str]:
    """Return the public ids whose hold keeps the pictures of an audit."""
    sets = (audit.public_dataset_id, audit.private_dataset_id, audit.gallery_dataset_id)
    releases = (audit.release_id, audit.twin_release_id)
    named = {public_id("dst", one) for one in sets if one} | {public_id("rel", one) for one in releases if one}
    return {public_id("aud", audit.id)} | named
