"""Single sign-on: the ways to sign in, and the way to the identity provider and back."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.auth import oidc
from app.auth.authenticate import client_address
from app.auth.cookie import set_cookie
from app.auth.endpoints import SIGN_INS_PER_MINUTE
from app.auth.rate_limit import check_rate, network_of
from app.auth.routing import Router
from app.db.transaction import committed
from app.kit.problems import problems
from app.kit.schema import Document
from app.organisations import single_sign_on
from app.settings import settings

router = Router(prefix="/session", tags=["session"])


class Ways(Document):
    """The ways to sign in besides passwords, keys and links."""

    single_sign_on: str | None


async def counted(request: Request) -> None:
    """Dependency that limits attempts. The browser may come from the provider's site."""
    await check_rate("sign-in", network_of(client_address(request)), limit=SIGN_INS_PER_MINUTE)


@router.get("/ways", name="ways")
async def ways() -> Ways:
    """Get the name of the identity provider, or null if there is none."""
    return Ways(single_sign_on=settings().oidc_name if oidc.configured() else None)


@router.get(
    "/oidc",
    name="begin-oidc",
    status_code=302,
    response_class=RedirectResponse,
    responses=problems(401, 404, 429, 503),
    dependencies=[Depends(counted)],
)
async def begin(request: Request) -> Response:
    """Send the browser to the identity provider."""
    answer = RedirectResponse("/", 302)
    answer.headers["location"] = await oidc.begin(request, answer)
    return answer


@router.get(
    "/oidc/callback",
    name="finish-oidc",
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(401, 403, 404, 409, 422, 429, 503),
    dependencies=[Depends(counted)],
)
async def finish(
    request: Request,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Sign in the browser that the identity provider sends back."""
    identity = await oidc.finish(request, code, state)
    async with committed(bound=False) as session:  # not that of the request, which may be run again: a code works once
        _, token = await single_sign_on.sign_in(session, request, identity)
    answer = RedirectResponse("/", 303)
    oidc.forget(answer)
    set_cookie(request, answer, token)
    return answer
