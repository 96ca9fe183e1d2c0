"""The report of an audit."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.audit_reports import service
from app.audit_reports.page import Paper
from app.audits.reveal import Reveal, foreign_origin, purpose_of
from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.contract.report_formats import AuditReportFormat
from app.kit.ids import AuditId, public_id
from app.kit.problems import problems

router = Router(tags=["reports"])

MEDIA_TYPES: dict[AuditReportFormat, str] = {"html": "text/html", "pdf": "application/pdf", "md": "text/markdown"}
BYTES = {"type": "string", "format": "binary"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {name: {"schema": BYTES} for name in MEDIA_TYPES.values()}, "description": "The report."}
}


@router.get(
    "/audits/{audit_id}/report",
    name="audit",
    response_class=Response,
    responses=FILES | problems(401, 403, 404, 409, 410, 422, 503),
)
async def get_audit_report(
    audit_id: AuditId,
    request: Request,
    subject: Caller,
    *,
    format: Annotated[
        AuditReportFormat,
        Query(description="`html`: one file without scripts. `pdf`: tagged PDF. `md`: a section for a model card."),
    ] = "html",
    paper: Annotated[Paper, Query(description="Size of printed pages.")] = "a4",
    names: Annotated[bool, Query(description="Show names of classes beside pseudonyms.")] = False,
    pictures: Annotated[bool, Query(description="Show reconstructions of the most exposed, at most 24.")] = False,
    purpose: Annotated[
        str, Query(description="What names or reconstructions are needed for. The audit log keeps it.")
    ] = "",
) -> Response:
    """Get the report of a finished audit, for whoever signs it.

    People are shown by pseudonym. Names or reconstructions need the scope `reconstructions:reveal`
    and a purpose. The audit log then gets an entry `report.revealed`, and one `image.revealed` for
    each reconstruction.
    """
    shown = names or pictures
    reveal = Reveal(shown, purpose_of(purpose), foreign_origin(request, subject) if shown else None)
    typesetter = request.app.state.typesetter
    content = await service.report(
        subject, typesetter, audit_id, format, paper=paper, names=names, pictures=pictures, reveal=reveal
    )
    charset = "" if format == "pdf" else "; charset=utf-8"
    headers = {
        "Content-Disposition": f'attachment; filename="{public_id("aud", audit_id)}.{format}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=f"{MEDIA_TYPES[format]}{charset}", headers=headers)
