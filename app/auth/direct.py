"""Reads that need only their path, their query and the caller.

They do without the stacks of contexts and the tree of dependencies that FastAPI prepares for each
request. FastAPI still documents them and validates their parameters.
"""

from collections.abc import Awaitable, Callable, Sequence
from inspect import iscoroutinefunction
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.auth.authenticate import authenticate
from app.auth.subject import Subject

Endpoint = Callable[..., Awaitable[Response]]
Check = Callable[[Subject], None]


def is_direct(route: APIRoute, known: Callable[[Any], bool]) -> bool:
    """Tell whether a route can do without FastAPI's handler.

    `known` tells which dependencies are the caller or a check of the caller.
    """
    needs = route.dependant
    returned = get_type_hints(route.endpoint).get("return")
    return (
        route.methods == {"GET"}
        and iscoroutinefunction(route.endpoint)
        and isinstance(returned, type)
        and issubclass(returned, Response)
        and all(known(one.call) for one in needs.dependencies)
        and any(one.call is authenticate for one in needs.dependencies)
        and not (needs.header_params or needs.cookie_params or needs.body_params)
        and not (needs.response_param_name or needs.background_tasks_param_name or needs.http_connection_param_name)
    )


def direct(route: APIRoute, checks: Sequence[Check], look: Callable[[Scope], None]) -> ASGIApp:
    """Return the application of a route for which `is_direct` holds.

    `look` raises for an address that no route accepts.
    """
    needs, endpoint = route.dependant, route.endpoint
    callers = [one.name for one in needs.dependencies if one.call is authenticate and one.name is not None]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        subject = await authenticate(request)
        for check in checks:
            check(subject)
        look(scope)
        values = arguments(needs, request)
        for name in callers:
            values[name] = subject
        response = await endpoint(**values)
        await response(scope, receive, send)

    return answer


def arguments(needs: Dependant, request: Request) -> dict[str, Any]:
    """Return the parameters of the path and the query. Raises: RequestValidationError."""
    values: dict[str, Any] = {}
    errors: list[Any] = []
    for field in needs.path_params:
        values[field.name], wrong = field.validate(request.path_params[field.alias], {}, loc=("path", field.alias))
        errors += wrong
    if needs.query_params:
        more, wrong = request_params_to_args(needs.query_params, request.query_params)
        values |= more
        errors += wrong
    if errors:
        raise RequestValidationError(errors)
    if needs.request_param_name is not None:
        values[needs.request_param_name] = request
    return values
