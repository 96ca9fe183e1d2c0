"""Queries over blind line-ups, their items, reviews and answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Audit, BlindLineUp, BlindLineUpAnswer, BlindLineUpItem, BlindLineUpReview, Dataset
from app.errors import NotFoundError
from app.kit.cursor import Keyset

NEWEST_FIRST = Keyset((BlindLineUp.created_at.expression, BlindLineUp.id.expression), descending=True)


def readable(subject: Subject) -> Select[BlindLineUp]:
    """Select the blind line-ups that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(BlindLineUp), BlindLineUp.project_id, subject)


def with_counts(statement: Select[Any]) -> Select[*tuple[Any, ...]]:
    """Add whether the pictures are gone, and the number of items."""
    items = select(func.count()).where(BlindLineUpItem.line_up_id == BlindLineUp.id).scalar_subquery()
    gone = Audit.images_deleted_at.is_not(None) | Dataset.object_key.is_(None)
    return (
        statement.join(Audit, Audit.id == BlindLineUp.audit_id)
        .outerjoin(Dataset, Dataset.id == Audit.private_dataset_id)
        .add_columns(gone.label("gone"), items.label("items"))
    )


async def get(session: AsyncSession, subject: Subject, line_up_id: UUID) -> BlindLineUp:
    """Return a blind line-up. Raises: NotFoundError."""
    line_up: BlindLineUp = (await get_with_counts(session, subject, line_up_id))[0]
    return line_up


async def get_with_counts(session: AsyncSession, subject: Subject, line_up_id: UUID) -> Row[Any]:
    """Return a blind line-up, whether its pictures are gone, and its number of items."""
    statement = with_counts(readable(subject)).where(BlindLineUp.id == line_up_id)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFoundError("no_such_blind_line_up", "There is no such blind line-up.")
    return found


async def progress(session: AsyncSession, line_ups: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return every review of some line-ups with its number of answers, the oldest first."""
    answers = select(func.count()).where(BlindLineUpAnswer.review_id == BlindLineUpReview.id).scalar_subquery()
    statement = select(BlindLineUpReview, answers.label("answered"))
    statement = statement.where(BlindLineUpReview.line_up_id.in_(line_ups)).order_by(BlindLineUpReview.created_at)
    return (await session.execute(statement)).all()


async def review(
    session: AsyncSession, line_up_id: UUID, reviewer: str, *, lock: bool = False
) -> BlindLineUpReview | None:
    """Return the review of one person, if it has begun."""
    own = select(BlindLineUpReview).where(
        BlindLineUpReview.line_up_id == line_up_id, BlindLineUpReview.reviewer == reviewer
    )
    return (await session.scalars(own.with_for_update() if lock else own)).one_or_none()


async def next_item(session: AsyncSession, own: BlindLineUpReview) -> BlindLineUpItem | None:
    """Return the first item that a review has not answered, or None at its end."""
    answered = exists().where(BlindLineUpAnswer.item_id == BlindLineUpItem.id, BlindLineUpAnswer.review_id == own.id)
    left = select(BlindLineUpItem).where(BlindLineUpItem.line_up_id == own.line_up_id, ~answered)
    return (await session.scalars(left.order_by(BlindLineUpItem.number).limit(1))).one_or_none()


async def items(session: AsyncSession, line_up_id: UUID) -> Sequence[BlindLineUpItem]:
    """Return all items in order."""
    statement = select(BlindLineUpItem).where(BlindLineUpItem.line_up_id == line_up_id)
    return (await session.scalars(statement.order_by(BlindLineUpItem.number))).all()


async def answers(session: AsyncSession, line_up_id: UUID) -> Sequence[BlindLineUpAnswer]:
    """Return the answers of the reviews that are finished."""
    finished = select(BlindLineUpReview.id).where(
        BlindLineUpReview.line_up_id == line_up_id, BlindLineUpReview.finished_at.is_not(None)
    )
    statement = select(BlindLineUpAnswer).where(BlindLineUpAnswer.review_id.in_(finished))
    return (await session.scalars(statement)).all()
