"""Endpoints of waivers."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.ids import TargetId, WaiverId
from app.kit.problems import problems
from app.policies import waiver_schemas as schemas
from app.policies import waivers

router = Router(tags=["waivers"])


@router.get("/targets/{target_id}/waivers", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_waivers(
    target_id: TargetId, session: Transaction, subject: Caller, asked: Annotated[schemas.WaiverQuery, Query()]
) -> schemas.WaiverPage:
    """List the waivers of a target, newest first by default."""
    return await waivers.page(session, subject, target_id, asked)


@router.post(
    "/targets/{target_id}/waivers",
    name="ask",
    status_code=201,
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.WAIVERS_WRITE)],
)
async def ask_for_waiver(
    target_id: TargetId, body: schemas.WaiverCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Waiver:
    """Ask for a waiver of a rule or of a finding. It counts once another subject approves it."""
    return await once(lambda: waivers.ask(session, subject, target_id, body))


@router.get("/waivers/{waiver_id}", name="get", responses=problems(401, 403, 404))
async def get_waiver(waiver_id: WaiverId, session: Transaction, subject: Caller) -> schemas.Waiver:
    """Get a waiver."""
    return await waivers.get(session, subject, waiver_id)


@router.post(
    "/waivers/{waiver_id}/approve",
    name="approve",
    responses=problems(401, 403, 404, 409),
    dependencies=[needs(Scope.WAIVERS_APPROVE)],
)
async def approve_waiver(waiver_id: WaiverId, session: Transaction, subject: Caller) -> schemas.Waiver:
    """Approve a waiver that somebody else asked for. What it covers is decided again."""
    return await waivers.approve(session, subject, waiver_id)


@router.post("/waivers/{waiver_id}/revoke", name="revoke", responses=problems(401, 403, 404, 409))
async def revoke_waiver(waiver_id: WaiverId, session: Transaction, subject: Caller) -> schemas.Waiver:
    """Revoke a waiver, or withdraw a request. What it covered is decided again."""
    return await waivers.revoke(session, subject, waiver_id)
