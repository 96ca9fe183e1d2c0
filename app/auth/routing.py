"""Routes that check the caller before they read the body of a request.

FastAPI parses the body first and resolves dependencies afterwards. Here a request without a valid
key, or with a key that lacks the scope of a route, costs nothing more.

Routers hold their routes with whole paths, so that one table finds them.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.types import Scope as Context

from app.auth.authenticate import Caller, authenticate
from app.auth.csrf import SAFE
from app.auth.direct import direct, is_direct
from app.auth.known import known
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.contention import EndedError
from app.kit.json_body import JsonRequest
from app.kit.problems import RequestBodyError

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
API = "/api/v1"
NUL = b"%00"
MOST_ATTEMPTS = 3
"""Of a request whose transaction PostgreSQL ends."""


@dataclass(frozen=True)
class Needs:
    """A dependency of routes that only some callers may use."""

    check: Callable[[Subject], None]

    async def __call__(self, subject: Caller) -> None:
        """Raise `ForbiddenError` for other callers."""
        self.check(subject)


def needs(scope: Scope) -> Any:
    """Return a dependency that requires `scope`. The route checks it before it reads the body."""
    return Depends(Needs(lambda subject: subject.require(scope)))


def needs_person() -> Any:
    """Return a dependency that requires a person, checked before the body is read."""
    return Depends(Needs(Subject.require_person))


def needs_operator() -> Any:
    """Return a dependency that requires the operator, checked before the body is read."""
    return Depends(Needs(Subject.require_operator))


class Route(APIRoute):
    """A route that authenticates the caller first, then checks scopes, then reads the body."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if is_direct(self, lambda call: call is authenticate or isinstance(call, Needs)):
            self.app = direct(self, self._checks(), _check_query)

    def _checks(self) -> list[Callable[[Subject], None]]:
        return [call.check for call in _calls(self.dependant) if isinstance(call, Needs)]

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return the handler of this route."""
        handle: Handler = super().get_route_handler()
        authenticated = authenticate in _calls(self.dependant)
        reads_json = self.body_field is not None
        needed = self._checks()

        async def guarded(request: Request) -> Response:
            if authenticated:
                subject = await authenticate(request)
                for check in needed:
                    check(subject)
            request = JsonRequest(request.scope, request.receive, request._send)
            if reads_json:
                await request.body()  # FastAPI would answer 400 where this raises
            _check_query(request.scope)
            try:
                return await _repeated(handle, request)
            finally:
                if request.method not in SAFE:
                    known(request.app).forget()

        return guarded


async def _repeated(handle: Handler, request: Request) -> Response:
    """Run a request, and again if a deadlock has ended its transaction, which is rolled back.

    A request whose body was streamed cannot be run again.
    """
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            return await _once(handle, request)
        except EndedError as error:
            if request._stream_consumed and not hasattr(request, "_body"):
                raise
            log.info("request.repeated", path=request.url.path, error=repr(error.__cause__))
    return await _once(handle, request)


async def _once(handle: Handler, request: Request) -> Response:
    """Run a request, and end here what lasts as long as its function, such as its transaction.

    What lasts until the response is sent ends here only if this fails.
    """
    until_sent: AsyncExitStack = request.scope["fastapi_inner_astack"]
    try:
        async with AsyncExitStack() as until_done:
            async with AsyncExitStack() as of_function:
                request.scope.update(fastapi_inner_astack=until_done, fastapi_function_astack=of_function)
                response = await handle(request)
            until_sent.push_async_exit(until_done.pop_all())
            return response
    finally:
        request.scope["fastapi_inner_astack"] = until_sent


class Router(APIRouter):
    """A router of the API. All its routes check the caller first."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        super().__init__(prefix=API + prefix, route_class=Route, generate_unique_id_function=operation_id, **options)


def operation_id(route: APIRoute) -> str:
    """Return the name of the method in generated clients, such as `audits-create`."""
    return f"{route.tags[0]}-{route.name}" if route.tags else route.name


def _check_query(scope: Context) -> None:
    if NUL in scope["query_string"]:
        raise RequestBodyError("invalid_request", "The query must not contain the character NUL.")


def _calls(dependant: Dependant) -> Iterator[Any]:
    """Return every function that a route depends on."""
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)
