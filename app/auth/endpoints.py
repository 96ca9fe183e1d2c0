"""Sessions of the dashboard."""

from fastapi import Depends, Request, Response

from app.auth import schemas, sessions
from app.auth.authenticate import Caller, client_address
from app.auth.cookie import clear_cookie, set_cookie
from app.auth.csrf import check_origin
from app.auth.rate_limit import check_rate, network_of
from app.auth.routing import Router
from app.auth.subject import Subject
from app.db.transaction import Transaction, UnboundTransaction
from app.kit.problems import problems

SIGN_INS_PER_MINUTE = 20

router = Router(prefix="/session", tags=["session"])


async def limited(request: Request) -> None:
    """Dependency that limits sign-in attempts and rejects requests from other sites."""
    check_origin(request, required=False)
    await check_rate("sign-in", network_of(client_address(request)), limit=SIGN_INS_PER_MINUTE)


@router.post("", dependencies=[Depends(limited)], responses=problems(401, 403, 422, 429, 503))
async def create(
    body: schemas.SignIn, request: Request, response: Response, session: UnboundTransaction
) -> schemas.Session:
    """Sign a browser in with a password, an API key or a one-time token."""
    subject, token = await sessions.sign_in(session, request, body)
    set_cookie(request, response, token)
    return session_document(subject)


@router.get("", responses=problems(401))
async def get(subject: Caller) -> schemas.Session:
    """Get the current subject, signed in by cookie or key."""
    return session_document(subject)


@router.delete("", status_code=204, responses=problems(401, 403))
async def delete(subject: Caller, request: Request, response: Response, session: Transaction) -> None:
    """Sign out."""
    if subject.by_cookie:
        await sessions.sign_out(session, subject)
    clear_cookie(request, response)


def session_document(subject: Subject) -> schemas.Session:
    """Return the document of a signed-in subject."""
    return schemas.Session(
        subject=subject.name,
        scopes=sorted(subject.scopes),
        project_id=subject.project_id,
        organisation_id=subject.organisation_id,
        kind=subject.kind,
        person_id=subject.person_id,
    )
