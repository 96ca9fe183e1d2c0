"""A review: it begins with a purpose, shows one item after another, and takes final answers."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.blind_line_ups import log, pictures, repository, schemas
from app.blind_line_ups.reviewers import require_reviewer, reviewer_of
from app.db.models import BlindLineUp, BlindLineUpAnswer, BlindLineUpItem, BlindLineUpReview
from app.errors import ConflictError, UnprocessableError


async def begin(
    session: AsyncSession, subject: Subject, line_up_id: UUID, body: schemas.LineUpReviewCreate
) -> schemas.LineUpProgress:
    """Begin the caller's review. One that has begun goes on with its first purpose."""
    require_reviewer(subject)
    line_up = await repository.get(session, subject, line_up_id)
    reviewer = reviewer_of(subject)
    new = insert(BlindLineUpReview).values(
        project_id=line_up.project_id,
        line_up_id=line_up.id,
        reviewer=reviewer,
        name=subject.name,
        purpose=body.purpose,
    )
    made = await session.scalar(new.on_conflict_do_nothing().returning(BlindLineUpReview.id))
    own = await _own(session, subject, line_up.id)
    if made is not None:
        await log.write(session, subject, "blind_line_up.review_begun", line_up, {"purpose": body.purpose})
    return await _progress(session, own)


async def show_next(session: AsyncSession, subject: Subject, line_up_id: UUID) -> schemas.LineUpNext:
    """Return the next item, and log its pictures in the same transaction."""
    require_reviewer(subject)
    line_up = await repository.get(session, subject, line_up_id)
    await pictures.keep_places(session, line_up)
    own = await _own(session, subject, line_up.id)
    item = await repository.next_item(session, own)
    if item is None or own.purpose is None:
        await _finish(session, subject, line_up, own)
        return schemas.LineUpNext(**(await _progress(session, own)).model_dump(), item=None)
    progress = await _progress(session, own)
    (picture, *candidates), named = await pictures.shown(session, subject, line_up, item, own.purpose)
    details = {"item": item.number, "purpose": own.purpose, "pictures": named}
    await log.write(session, subject, log.ITEM_SHOWN, line_up, details)
    own.shown, own.shown_at = item.number, datetime.now(UTC)
    shown = schemas.LineUpItem(number=item.number, picture=picture, candidates=candidates)
    return schemas.LineUpNext(**progress.model_dump(), item=shown)


async def answer(
    session: AsyncSession, subject: Subject, line_up_id: UUID, body: schemas.LineUpAnswer
) -> schemas.LineUpProgress:
    """Store the answer to the item that is shown. It is final."""
    require_reviewer(subject)
    line_up = await repository.get(session, subject, line_up_id)
    own = await _own(session, subject, line_up.id)
    item = await repository.next_item(session, own)
    if item is None or body.number != item.number or own.shown != item.number or own.shown_at is None:
        raise ConflictError(
            "item_not_shown",
            f"Item {body.number} is not the one that is shown. An answer is final and given once. Ask for the next "
            "item.",
        )
    if body.choice > line_up.candidates:
        raise UnprocessableError(
            "no_such_candidate", f"The candidates are numbered 1 to {line_up.candidates}; 0 is none of these."
        )
    now = datetime.now(UTC)
    session.add(
        BlindLineUpAnswer(
            review_id=own.id,
            item_id=item.id,
            project_id=line_up.project_id,
            choice=body.choice,
            sure=body.sure,
            seconds=(now - own.shown_at).total_seconds(),
        )
    )
    await session.flush()
    if await repository.next_item(session, own) is None:
        await _finish(session, subject, line_up, own)
    return await _progress(session, own)


async def _finish(session: AsyncSession, subject: Subject, line_up: BlindLineUp, own: BlindLineUpReview) -> None:
    """End a review that has no item left. An erasure may have removed the last ones."""
    if own.finished_at is None:
        own.finished_at = datetime.now(UTC)
        await log.write(session, subject, "blind_line_up.review_finished", line_up)


async def _own(session: AsyncSession, subject: Subject, line_up_id: UUID) -> BlindLineUpReview:
    """Return the caller's review and lock it."""
    own = await repository.review(session, line_up_id, reviewer_of(subject) or "", lock=True)
    if own is None:
        raise ConflictError("review_not_begun", "Begin a review of this blind line-up first, with a purpose.")
    if own.results_read_at is not None:
        raise ConflictError(
            "results_were_read", "You have read the results of this blind line-up, so you cannot review it."
        )
    return own


async def _progress(session: AsyncSession, own: BlindLineUpReview) -> schemas.LineUpProgress:
    answered = select(func.count()).where(BlindLineUpAnswer.review_id == own.id)
    items = select(func.count()).where(BlindLineUpItem.line_up_id == own.line_up_id)
    return schemas.LineUpProgress(
        answered=await session.scalar(answered) or 0,
        items=await session.scalar(items) or 0,
        finished=own.finished_at is not None,
    )
