"""Endpoints of decisions."""

from app.audits import repository as audits
from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.db.models import Decision
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import AuditId, DecisionId, TargetId
from app.kit.problems import problems
from app.policies import decision_schemas as schemas
from app.policies import decisions
from app.targets import repository as targets

router = Router(tags=["decisions"])


@router.get("/audits/{audit_id}/decision", name="of_audit", responses=problems(401, 403, 404, 409))
async def get_of_audit(audit_id: AuditId, session: Transaction, subject: Caller) -> schemas.StoredDecision:
    """Get the current decision about a finished audit.

    It is made on the spot if there is none yet, if the policy has a newer version, or if the one
    before has run out.
    """
    return await decisions.of_audit(session, subject, audit_id)


@router.get("/audits/{audit_id}/decisions", name="list_of_audit", responses=problems(400, 401, 403, 404, 422))
async def list_of_audit(
    audit_id: AuditId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.DecisionPage:
    """List all decisions of an audit, newest first."""
    audit = await audits.get(session, subject, audit_id)
    return await decisions.page(session, subject, Decision.audit_id == audit.id, limit=limit, cursor=cursor)


@router.get("/targets/{target_id}/decisions", name="list_of_target", responses=problems(400, 401, 403, 404, 422))
async def list_of_target(
    target_id: TargetId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.DecisionPage:
    """List all decisions of a target, newest first."""
    target = await targets.get(session, subject, target_id)
    return await decisions.page(session, subject, Decision.target_id == target.id, limit=limit, cursor=cursor)


@router.get("/decisions/{decision_id}", name="get", responses=problems(401, 403, 404))
async def get_decision(decision_id: DecisionId, session: Transaction, subject: Caller) -> schemas.StoredDecision:
    """Get a decision."""
    return await decisions.get(session, subject, decision_id)
