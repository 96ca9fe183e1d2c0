"""Endpoints of blind line-ups: made, reviewed, read and deleted."""

from fastapi import Response

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.blind_line_ups import results, reviewing, schemas, service
from app.contract.blind_line_up import BlindLineUpResult
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import AuditId, BlindLineUpId
from app.kit.problems import problems

router = Router(tags=["blind-line-ups"])

REVIEWER = [needs(Scope.BLIND_LINE_UPS_REVIEW)]


@router.get("/audits/{audit_id}/blind-line-ups", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_blind_line_ups(
    audit_id: AuditId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.BlindLineUpPage:
    """List the blind line-ups of an audit, newest first."""
    return await service.page(session, subject, audit_id, limit=limit, cursor=cursor)


@router.post(
    "/audits/{audit_id}/blind-line-ups",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.RECONSTRUCTIONS_REVEAL)],
)
async def create_blind_line_up(
    audit_id: AuditId, body: schemas.BlindLineUpCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.BlindLineUp:
    """Make a blind line-up of a finished audit. Its items are fixed and digested now."""
    return await once(lambda: service.create(session, subject, audit_id, body))


@router.get("/blind-line-ups/{line_up_id}", name="get", responses=problems(401, 403, 404))
async def get_blind_line_up(line_up_id: BlindLineUpId, session: Transaction, subject: Caller) -> schemas.BlindLineUp:
    """Get a blind line-up with the progress of its reviews, without answers."""
    return await service.show(session, subject, line_up_id)


@router.delete(
    "/blind-line-ups/{line_up_id}",
    name="delete",
    status_code=204,
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.DATA_DELETE)],
)
async def delete_blind_line_up(line_up_id: BlindLineUpId, session: Transaction, subject: Caller) -> None:
    """Delete a blind line-up with all its answers."""
    await service.remove(session, subject, line_up_id)


@router.post(
    "/blind-line-ups/{line_up_id}/reviews",
    name="begin",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=REVIEWER,
)
async def begin_review(
    line_up_id: BlindLineUpId, body: schemas.LineUpReviewCreate, session: Transaction, subject: Caller
) -> schemas.LineUpProgress:
    """Begin your review, or go on with it. The audit log keeps the purpose."""
    return await reviewing.begin(session, subject, line_up_id, body)


@router.post(
    "/blind-line-ups/{line_up_id}/next",
    name="next",
    responses=problems(401, 403, 404, 409, 410),
    dependencies=REVIEWER,
)
async def show_next_item(
    line_up_id: BlindLineUpId, session: Transaction, subject: Caller, response: Response
) -> schemas.LineUpNext:
    """Show the next item of your review.

    The audit log gets an entry `blind_line_up.item_shown` that names every picture. Until the item
    is answered, it is shown again.
    """
    response.headers["Cache-Control"] = "no-store"
    return await reviewing.show_next(session, subject, line_up_id)


@router.post(
    "/blind-line-ups/{line_up_id}/answers",
    name="answer",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=REVIEWER,
)
async def answer_item(
    line_up_id: BlindLineUpId, body: schemas.LineUpAnswer, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.LineUpProgress:
    """Answer the item that is shown. An answer is final."""
    return await once(lambda: reviewing.answer(session, subject, line_up_id, body))


@router.get("/blind-line-ups/{line_up_id}/results", name="results", responses=problems(401, 403, 404, 409))
async def get_results(line_up_id: BlindLineUpId, session: Transaction, subject: Caller) -> BlindLineUpResult:
    """Get the results over the reviews that are finished.

    Somebody who reviews gets them after the last answer, or when the pictures are gone. A person
    who reads them first cannot begin a review any more.
    """
    return await results.read(session, subject, line_up_id)
