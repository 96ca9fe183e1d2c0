"""The account of the caller, sessions, and accounts for the operator."""

from typing import Annotated

from fastapi import Depends, Query, Request

from app.auth import key_service
from app.auth import schemas as auth_schemas
from app.auth.authenticate import Caller
from app.auth.endpoints import limited
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs_person
from app.db.models import ApiKey
from app.db.transaction import Transaction
from app.kit.ids import PersonId, SessionId
from app.kit.no_store import NO_STORE
from app.kit.problems import problems
from app.people import accounts, open_sessions, repository, schemas

router = Router(tags=["people"])
own = Router(prefix="/me", tags=["me"], dependencies=[needs_person()])
COUNTED = Depends(limited)


@own.get("", name="get", responses=problems(401, 403))
async def get_me(session: Transaction, subject: Caller) -> schemas.Me:
    """Get the account of the caller."""
    return await accounts.me(session, subject)


@own.put("/membership", name="choose-membership", status_code=204, responses=problems(401, 403, 404, 422))
async def choose_membership(body: schemas.MembershipChoice, session: Transaction, subject: Caller) -> None:
    """Choose the membership that this session acts with, for people in several organisations."""
    await accounts.choose(session, subject, body.membership_id)


@own.put(
    "/password",
    name="change-password",
    status_code=204,
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[COUNTED],
)
async def change_password(body: schemas.PasswordChange, session: Transaction, subject: Caller) -> None:
    """Change the password. All other sessions of the account end."""
    await accounts.change_password(session, subject, body)


@own.post(
    "/second-factor",
    name="begin-second-factor",
    responses=problems(401, 403, 422, 429, 503),
    dependencies=[COUNTED, NO_STORE],
)
async def begin_second_factor(
    body: schemas.SecondFactorBegin, session: Transaction, subject: Caller
) -> schemas.SecondFactor:
    """Make the secret of a second factor."""
    return await accounts.begin_second_factor(session, subject, body)


@own.put(
    "/second-factor",
    name="confirm-second-factor",
    status_code=204,
    responses=problems(401, 403, 422, 429),
    dependencies=[COUNTED],
)
async def confirm_second_factor(body: schemas.Confirmation, session: Transaction, subject: Caller) -> None:
    """Confirm the second factor with a code. From now on, signing in needs one."""
    await accounts.confirm_second_factor(session, subject, body.code)


@own.get("/keys", name="list-keys", responses=problems(400, 401, 403, 422))
async def list_own_keys(
    session: Transaction, subject: Caller, asked: Annotated[auth_schemas.KeyQuery, Query()]
) -> auth_schemas.KeyPage:
    """List the personal keys of the caller in this organisation, newest first by default."""
    person = await repository.own(session, subject)
    return await key_service.page(session, subject, ApiKey.person_id == person.id, asked)


@own.post(
    "/keys",
    name="create-key",
    status_code=201,
    responses=problems(401, 403, 409, 422),
    dependencies=[NO_STORE],
)
async def create_own_key(
    body: auth_schemas.KeyCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> auth_schemas.NewKey:
    """Create a personal key. It can do no more than the role of its person."""
    await repository.own(session, subject)
    return await once(lambda: key_service.create_personal(session, subject, body))


@router.get("/sessions", name="list-sessions", responses=problems(400, 401, 403, 422))
async def list_sessions(
    session: Transaction,
    subject: Caller,
    asked: Annotated[schemas.SessionQuery, Query()],
) -> schemas.SessionPage:
    """List signed-in browsers, newest first by default."""
    return await open_sessions.page(session, subject, asked)


@router.delete("/sessions/{session_id}", name="end-session", status_code=204, responses=problems(401, 403, 404))
async def end_session(session_id: SessionId, session: Transaction, subject: Caller) -> None:
    """End a session."""
    await open_sessions.end(session, subject, session_id)


@router.get("/people", name="list", responses=problems(400, 401, 403, 422))
async def list_people(
    session: Transaction, subject: Caller, asked: Annotated[schemas.PersonQuery, Query()]
) -> schemas.PersonPage:
    """List all accounts, newest first by default. Only the operator can do this."""
    return await accounts.page(session, subject, asked)


@router.post("/people/{person_id}/disable", name="disable", status_code=204, responses=problems(401, 403, 404))
async def disable_person(person_id: PersonId, session: Transaction, subject: Caller) -> None:
    """Disable an account, its sessions and its keys. Only the operator can do this."""
    await accounts.disable(session, subject, person_id)


@router.post("/people/{person_id}/enable", name="enable", status_code=204, responses=problems(401, 403, 404))
async def enable_person(person_id: PersonId, session: Transaction, subject: Caller) -> None:
    """Enable a disabled account. Only the operator can do this."""
    await accounts.enable(session, subject, person_id)


@router.post("/people/{person_id}/recovery", name="recover", responses=problems(401, 403, 404), dependencies=[NO_STORE])
async def recover_person(
    person_id: PersonId, request: Request, session: Transaction, subject: Caller
) -> schemas.Recovery:
    """Make a sign-in link for somebody who lost their password or second factor.

    The old password, second factor and sessions end. Only the operator can do this.
    """
    return await accounts.recover(session, subject, person_id, str(request.base_url))
