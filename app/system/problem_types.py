"""`/problems/{code}`, the address in the `type` of every problem. It needs no key."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from app.errors import NotFoundError
from app.kit.problems import problems
from app.problem_types import TYPES, address
from app.system.accepted import prefers_html
from app.system.problem_pages import POLICY, list_page, type_page

FRESH = {"Cache-Control": "no-cache", "Vary": "Accept"}

router = APIRouter(tags=["problem-types"])


class ProblemTypeDocument(BaseModel):
    """A kind of problem."""

    type: str = Field(description="Address of this document, and `type` of the problems of this kind.")
    code: str
    statuses: list[int] = Field(description="HTTP statuses of problems of this kind. Empty if any is possible.")
    title: str
    happened: str = Field(description="What happened.")
    why: str = Field(description="Why it happens.")
    what_to_do: str = Field(description="What to do about it.")


class ProblemTypes(BaseModel):
    """All kinds of problems, by code."""

    items: list[ProblemTypeDocument]


HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}


@router.head("/problems", include_in_schema=False)
@router.get("/problems", name="list", response_model=ProblemTypes, responses=HTML)
async def list_problem_types(request: Request) -> Response:
    """List all kinds of problems.

    Returns an HTML page if the `Accept` header prefers `text/html`.
    """
    kinds = [_document(code) for code in sorted(TYPES)]
    if prefers_html(request.headers.get("accept", "")):
        return _page(list_page())
    return JSONResponse(ProblemTypes(items=kinds).model_dump(), headers=FRESH)


@router.head("/problems/{code}", include_in_schema=False)
@router.get("/problems/{code}", name="get", response_model=ProblemTypeDocument, responses=HTML | problems(404))
async def get_problem_type(request: Request, code: Annotated[str, Path(max_length=100)]) -> Response:
    """Get a kind of problem: what happened, why, and what to do.

    Returns an HTML page if the `Accept` header prefers `text/html`.
    """
    if code not in TYPES:
        raise NotFoundError("no_such_problem_type", "No problem has this code. GET /problems lists all of them.")
    if prefers_html(request.headers.get("accept", "")):
        return _page(type_page(code))
    return JSONResponse(_document(code).model_dump(), headers=FRESH)


def _document(code: str) -> ProblemTypeDocument:
    kind = TYPES[code]
    return ProblemTypeDocument(
        type=address(code),
        code=code,
        statuses=list(kind.statuses),
        title=kind.title,
        happened=kind.happened,
        why=kind.why,
        what_to_do=kind.do,
    )


def _page(text: str) -> HTMLResponse:
    return HTMLResponse(text, headers=FRESH | {"Content-Security-Policy": POLICY})
