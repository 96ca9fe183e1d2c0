"""Routes that check the caller before they read the body of a request.

FastAPI parses the body first and resolves dependencies afterwards. Here a request without a valid
key, or with a key that lacks the scope of a route, costs nothing more.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.auth.authenticate import Caller, authenticate
from app.auth.csrf import SAFE
from app.auth.known import known
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.kit.json_body import JsonRequest
from app.kit.problems import RequestBodyError

Handler = Callable[[Request], Awaitable[Response]]
NUL = b"%00"


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

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Return the handler of this route."""
        handle: Handler = super().get_route_handler()
        calls = list(_calls(self.dependant))
        authenticated = authenticate in calls
        reads_json = self.body_field is not None
        needed = [call.check for call in calls if isinstance(call, Needs)]

        async def guarded(request: Request) -> Response:
            if authenticated:
                subject = await authenticate(request)
                for check in needed:
                    check(subject)
            request = JsonRequest(request.scope, request.receive, request._send)
            if reads_json:
                await request.body()  # FastAPI would answer 400 where this raises
            if NUL in request.scope["query_string"]:
                raise RequestBodyError("invalid_request", "The query must not contain the character NUL.")
            try:
                return await handle(request)
            finally:
                if request.method not in SAFE:
                    known(request.app).forget()

        return guarded


class Router(APIRouter):
    """A router of the API. All its routes check the caller first."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)


def _calls(dependant: Dependant) -> Iterator[Any]:
    """Return every function that a route depends on."""
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)
