"""Handlers that answer every error as `application/problem+json` (RFC 9457)."""

from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.db.contention import ENDED, LOCK_NOT_AVAILABLE, BusyError, sql_state
from app.errors import NotFoundError, ProblemError, UnavailableError
from app.kit.request_id import request_id
from app.kit.unique import MEANWHILE, is_taken
from app.problem_types import problem_body

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
NOT_PARSED = {"model_attributes_type", "dict_type", "model_type"}
LISTED = 100
"""Most errors that an answer lists, however many a body has."""
CODES = {404: "no_such_address", 405: "method_not_allowed", 413: "body_too_large"}


class Problem(BaseModel):
    """The body of every answer that is not a success."""

    type: str = Field(description="Address that explains the kind of problem: `/problems/<code>`.")
    title: str
    status: int
    code: str = Field(description="Stable, for programs.")
    detail: str = Field(description="What happened and what to do, for people.")
    errors: list[dict[str, Any]] = Field(
        description=(
            "The individual errors, if there are several, and 200 at most. `where` or `field` names the part of the "
            "request, such as `body.seed` or `convention.mean`, and `message` says what is wrong. Other keys depend on "
            "`code`: what was found, or the ids of what is in the way."
        )
    )
    instance: str | None = Field(None, description="The request's id, as in the log: `urn:exhume:request:<id>`.")


class RequestBodyError(ProblemError):
    """The request does not fit the documented shape."""

    status = 422


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return `responses=` of an endpoint for these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in sorted(statuses)}


def answer(error: ProblemError) -> JSONResponse:
    """Return the response for a problem."""
    body = error.to_dict(instance=f"urn:exhume:request:{request_id()}" if request_id() else None)
    return JSONResponse(body, status_code=error.status, headers=error.headers, media_type=MEDIA_TYPE)


def plain(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the response for a problem whose status has no exception class."""
    body = problem_body(code, detail, status=status)
    if request_id():
        body["instance"] = f"urn:exhume:request:{request_id()}"
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> JSONResponse:
    """Handle a `ProblemError`."""
    assert isinstance(error, ProblemError)
    return answer(error)


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Handle FastAPI's validation errors. A malformed id in the path is answered with 404."""
    assert isinstance(error, RequestValidationError)
    faults = [
        {
            "where": ".".join(str(part) for part in fault["loc"]),
            "message": _message(fault, request),
            "type": fault["type"],
        }
        for fault in error.errors()[:LISTED]
    ]
    if any(fault["loc"][:1] == ("path",) for fault in error.errors()):
        return answer(NotFoundError("not_found", "There is nothing at this address.", errors=faults))
    first = f"{faults[0]['where']}: {faults[0]['message']}" if faults else "the request does not fit"
    return answer(RequestBodyError("invalid_request", f"The request does not fit the API: {first}.", errors=faults))


def _message(fault: dict[str, Any], request: Request) -> str:
    """Return what is wrong. FastAPI keeps the reason for malformed JSON elsewhere.

    It does not parse a body that is declared as something else, such as by `curl --data`.
    """
    kind = request.headers.get("content-type", "")
    if fault["type"] in NOT_PARSED and isinstance(fault.get("input"), str | bytes) and "json" not in kind.lower():
        return "not declared as JSON. Send the header `Content-Type: application/json`"
    if fault["type"] == "json_invalid":
        return f"not valid JSON: {fault['ctx']['error']}"
    return str(fault["msg"]).removeprefix("Value error, ")


async def on_http(request: Request, error: Exception) -> JSONResponse:
    """Handle Starlette's errors: no such route, wrong method, body too large, malformed JSON."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "http_error")
    details = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not supported at {request.url.path}.",
        413: "The body is larger than this address accepts.",
    }
    detail = details.get(error.status_code, str(error.detail))
    return plain(error.status_code, code, detail, dict(error.headers or {}))


async def on_database(request: Request, error: Exception) -> JSONResponse:
    """Handle a PostgreSQL that does not answer, has no free connection, or has given up a wait."""
    if sql_state(error) in ENDED | {LOCK_NOT_AVAILABLE}:
        log.warning("database.busy", error=repr(error))
        return answer(BusyError())
    log.warning("database.unavailable", error=repr(error))
    detail = "The database does not answer. Try again in a few seconds."
    return answer(UnavailableError("database_unavailable", detail, headers={"Retry-After": "2"}))


async def on_constraint(request: Request, error: Exception) -> JSONResponse:
    """Handle a row that a simultaneous request has stored first. Other violations are faults."""
    assert isinstance(error, IntegrityError)
    if not is_taken(error):
        raise error
    log.info("request.overtaken", statement=error.statement)
    return answer(MEANWHILE)


class UnexpectedErrorMiddleware:
    """Logs unexpected errors with their traceback and answers them without it.

    It runs inside the middleware that adds headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("request.failed", path=scope["path"], exc_info=error)
            detail = f"An internal error occurred. The log has the details under request {request_id()}."
            await answer(ProblemError("internal", detail))(scope, receive, send)


def install(app: FastAPI) -> None:
    """Register the error handlers."""
    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(IntegrityError, on_constraint)
    app.add_exception_handler(OperationalError, on_database)
    app.add_exception_handler(InterfaceError, on_database)
    app.add_exception_handler(PoolTimeoutError, on_database)
    app.add_exception_handler(psycopg.OperationalError, on_database)
    app.add_exception_handler(psycopg.InterfaceError, on_database)
