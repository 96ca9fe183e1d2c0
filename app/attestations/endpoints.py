"""Signing keys."""

from fastapi import Response

from app.attestations import schemas, service
from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.problems import problems

router = Router(tags=["signing-keys"])

CACHED = "public, max-age=300"


@router.get("/signing-keys", name="list")
async def list_keys(session: Transaction, response: Response) -> schemas.SigningKeyPage:
    """List the public keys of this service, newest first. Needs no API key.

    Retired keys are included, because what they signed stays valid.
    """
    response.headers["Cache-Control"] = CACHED
    return await service.page(session)


@router.post(
    "/signing-keys",
    name="rotate",
    status_code=201,
    responses=problems(401, 403),
    dependencies=[needs(Scope.KEYS_WRITE)],
)
async def rotate_key(session: Transaction, subject: Caller, once: OncePerKey) -> schemas.SigningKey:
    """Make a new signing key and retire the one before. Only the operator can do this."""
    return await once(lambda: service.rotate(session, subject))
