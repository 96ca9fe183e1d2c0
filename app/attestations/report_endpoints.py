"""Reports of decisions, signed decisions and badges."""

import hashlib
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.attestations import reports
from app.attestations.report_schemas import Badges, Signed
from app.auth.authenticate import Caller, authenticate
from app.auth.cookie import session_token
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.report_formats import ReportFormat
from app.db.transaction import Transaction
from app.kit.ids import AuditId, DecisionId, ProjectId, TargetId
from app.kit.problems import problems
from app.reports.formats import FORMATS
from app.reports.place import Place

router = Router(tags=["reports"])

ENVELOPE = "application/vnd.dsse.envelope.v1+json"
PUBLIC, PRIVATE = "public, max-age=300", "private, max-age=60"
DEFAULT = Place()
JSON: dict[str, Any] = {}
"""A report may be an object or a list."""
BYTES = {"type": "string", "format": "binary"}


def _file(media_types: list[str]) -> dict[int | str, dict[str, Any]]:
    content = {name: {"schema": JSON if name.endswith("json") else BYTES} for name in media_types}
    return {200: {"content": content, "description": "The file."}}


def envelope_file() -> dict[int | str, dict[str, Any]]:
    """Return `responses=` of an endpoint that sends a signed statement."""
    return _file([ENVELOPE])


REPORTS = _file(sorted({one.media_type.partition(";")[0] for one in FORMATS.values()}))


@router.get(
    "/decisions/{decision_id}/report",
    name="get",
    response_class=Response,
    responses=REPORTS | problems(401, 403, 404, 422),
)
async def get_report(
    decision_id: DecisionId,
    session: Transaction,
    subject: Caller,
    *,
    format: Annotated[ReportFormat, Query(description="Format of the report.")],
    path: Annotated[str, Query(max_length=1000, description="File that findings point at.")] = DEFAULT.path,
    line: Annotated[int, Query(ge=1, description="Line in that file.")] = DEFAULT.line,
) -> Response:
    """Get a decision in a format that other systems read."""
    content = await reports.rendered(session, subject, decision_id, format, Place(path, line))
    kind = FORMATS[format]
    named = {"Content-Disposition": f'inline; filename="{kind.file_name}"'}
    return Response(content, media_type=kind.media_type, headers=named)


@router.get(
    "/audits/{audit_id}/attestation",
    name="sign",
    response_class=Response,
    responses=envelope_file() | problems(401, 403, 404, 409, 422),
)
async def get_attestation(
    audit_id: AuditId,
    session: Transaction,
    subject: Caller,
    predicate: Annotated[
        Signed, Query(description="`attestation` has the whole decision, `test-result` only its result.")
    ] = "attestation",
) -> Response:
    """Get the current decision about an audit, signed by the service (DSSE, in-toto)."""
    content = await reports.signed(session, subject, audit_id, predicate)
    named = {"Content-Disposition": f'inline; filename="{predicate}.dsse.json"'}
    return Response(content, media_type=ENVELOPE, headers=named)


async def caller_if_any(request: Request) -> Subject | None:
    """Return the caller, or None for a request without a key or session."""
    if request.headers.get("authorization") is None and session_token(request) is None:
        return None
    return await authenticate(request)


@router.get(
    "/targets/{target_id}/badge.svg",
    name="badge",
    response_class=Response,
    responses=_file(["image/svg+xml"]) | problems(401, 404),
)
async def get_badge(
    target_id: TargetId,
    request: Request,
    subject: Annotated[Subject | None, Depends(caller_if_any)],
) -> Response:
    """Get the badge of a target. Needs no API key if the project's badges are public."""
    content, public = await reports.badge_of(subject, target_id)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": PUBLIC if public else PRIVATE}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/svg+xml", headers=headers)


@router.put(
    "/projects/{project_id}/badges",
    name="open_badges",
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.KEYS_WRITE)],
)
async def put_badges(project_id: ProjectId, body: Badges, session: Transaction, subject: Caller) -> Badges:
    """Let everybody read the badges of a project's targets, or only those with a key."""
    return await reports.open_badges(session, subject, project_id, body)
