"""Signed checkpoints of an audit log, which an outsider can keep."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.attestations import service
from app.attestations.report_endpoints import ENVELOPE, envelope_file
from app.auth import log_service
from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.auth.subject import Subject
from app.contract.predicates import CHECKPOINT_TYPE, STATEMENT_TYPE
from app.db.models import AuditLogEntry
from app.db.transaction import Transaction
from app.errors import NotFoundError
from app.kit.canonical import canonical_json
from app.kit.ids import ProjectId, public_id
from app.kit.problems import problems
from app.projects import repository as projects

router = Router(tags=["audit-log"])


@router.get(
    "/projects/{project_id}/audit-log/checkpoint",
    name="checkpoint",
    response_class=Response,
    responses=envelope_file() | problems(401, 403, 404),
)
async def get_checkpoint(project_id: ProjectId, session: Transaction, subject: Caller) -> Response:
    """Get number and hash of the newest entry, signed (DSSE, in-toto).

    Whoever keeps it can later show that no entry up to it was changed or removed.
    """
    await projects.get_ever(session, subject, project_id)
    content = await signed(session, subject, project_id)
    named = {"Content-Disposition": 'inline; filename="audit-log.dsse.json"'}
    return Response(content, media_type=ENVELOPE, headers=named)


async def signed(session: AsyncSession, subject: Subject, project_id: UUID) -> bytes:
    """Return the envelope of a checkpoint."""
    newest = await log_service.newest(session, subject, project_id)
    if newest is None:
        raise NotFoundError("no_entries", "The audit log of this project is empty.")
    return await service.signed(session, subject, statement(project_id, newest))


def statement(project_id: UUID, newest: AuditLogEntry) -> bytes:
    """Return an in-toto statement whose subject is the chain up to its newest entry."""
    project, digest = public_id("prj", project_id), newest.hash.hex()
    predicate = {"project": project, "seq": newest.seq, "hash": digest, "at": datetime.now(UTC).isoformat()}
    return canonical_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": f"audit log of {project}", "digest": {"sha256": digest}}],
            "predicateType": CHECKPOINT_TYPE,
            "predicate": predicate,
        }
    )
