"""Deletions: previews, carrying them out, and receipts."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import AfterValidator

from app.attestations.report_endpoints import ENVELOPE, envelope_file
from app.auth.authenticate import Caller
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.deletions import repository, schemas, service
from app.kit.ids import AuditId, DatasetId, PriorId, ProjectId, ReceiptId, ReleaseId, VerifierId
from app.kit.problems import problems
from app.projects import repository as projects

router = Router(tags=["deletions"])

MAY = [needs(Scope.DATA_DELETE)]
MAY_PROJECT = [*MAY, needs(Scope.PROJECTS_WRITE)]
FOUND = problems(401, 403, 404)
DELETED = problems(401, 403, 404, 409, 422)


def _one_line(text: str) -> str:
    text = text.replace("\0", "").strip()
    if len(text) < 3:
        raise ValueError("state in at least 3 characters why it is deleted")
    return text


Reason = Annotated[
    str,
    Query(min_length=3, max_length=500, description="Why it is deleted. The receipt and the audit log keep it."),
    AfterValidator(_one_line),
]
Confirm = Annotated[
    str | None, Query(max_length=80, description="`confirmation` of a preview: delete this and nothing else.")
]


@router.get("/datasets/{dataset_id}/deletion", name="preview_dataset", responses=FOUND, dependencies=MAY)
async def preview_dataset(dataset_id: DatasetId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of a data set would destroy and keep."""
    return await service.preview(session, subject, "dataset", dataset_id)


@router.delete("/datasets/{dataset_id}", name="delete_dataset", responses=DELETED, dependencies=MAY)
async def delete_dataset(
    dataset_id: DatasetId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete a data set and what was made from it. Scores stay."""
    return await service.delete(session, subject, "dataset", dataset_id, reason=reason, confirm=confirm)


@router.get("/releases/{release_id}/deletion", name="preview_release", responses=FOUND, dependencies=MAY)
async def preview_release(release_id: ReleaseId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of a release would destroy and keep."""
    return await service.preview(session, subject, "release", release_id)


@router.delete("/releases/{release_id}", name="delete_release", responses=DELETED, dependencies=MAY)
async def delete_release(
    release_id: ReleaseId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete a release, what was made from it, and the pictures of its audits. Scores stay."""
    return await service.delete(session, subject, "release", release_id, reason=reason, confirm=confirm)


@router.get("/verifiers/{verifier_id}/deletion", name="preview_verifier", responses=FOUND, dependencies=MAY)
async def preview_verifier(verifier_id: VerifierId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of a verifier would destroy and keep."""
    return await service.preview(session, subject, "verifier", verifier_id)


@router.delete("/verifiers/{verifier_id}", name="delete_verifier", responses=DELETED, dependencies=MAY)
async def delete_verifier(
    verifier_id: VerifierId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete a verifier and the embeddings that it made. Scores stay."""
    return await service.delete(session, subject, "verifier", verifier_id, reason=reason, confirm=confirm)


@router.get("/priors/{prior_id}/deletion", name="preview_prior", responses=FOUND, dependencies=MAY)
async def preview_prior(prior_id: PriorId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of a prior would destroy and keep."""
    return await service.preview(session, subject, "prior", prior_id)


@router.delete("/priors/{prior_id}", name="delete_prior", responses=DELETED, dependencies=MAY)
async def delete_prior(
    prior_id: PriorId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete a prior and its samples. An audit that needs it makes it again."""
    return await service.delete(session, subject, "prior", prior_id, reason=reason, confirm=confirm)


@router.get("/audits/{audit_id}/deletion", name="preview_audit", responses=FOUND, dependencies=MAY)
async def preview_audit(audit_id: AuditId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of the pictures of an audit would destroy and keep."""
    return await service.preview(session, subject, "audit", audit_id)


@router.delete("/audits/{audit_id}", name="delete_audit", responses=DELETED, dependencies=MAY)
async def delete_audit(
    audit_id: AuditId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete the pictures of an audit and what was made for it alone. Its result stays."""
    return await service.delete(session, subject, "audit", audit_id, reason=reason, confirm=confirm)


@router.get("/projects/{project_id}/deletion", name="preview_project", responses=FOUND, dependencies=MAY_PROJECT)
async def preview_project(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.DeletionPreview:
    """Return what the deletion of a project would destroy and keep."""
    return await service.preview(session, subject, "project", project_id)


@router.delete("/projects/{project_id}", name="delete_project", responses=DELETED, dependencies=MAY_PROJECT)
async def delete_project(
    project_id: ProjectId, session: Transaction, subject: Caller, reason: Reason, confirm: Confirm = None
) -> schemas.Receipt:
    """Delete a project with everything in it, results too. Its audit log and receipts stay."""
    return await service.delete(session, subject, "project", project_id, reason=reason, confirm=confirm)


@router.get("/projects/{project_id}/receipts", name="list_receipts", responses=problems(400, 401, 403, 404, 422))
async def list_receipts(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.ReceiptQuery, Query()]
) -> schemas.ReceiptPage:
    """List the receipts of a project, newest first by default."""
    await projects.get_ever(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.get("/receipts/{receipt_id}", name="receipt", responses=FOUND)
async def get_receipt(receipt_id: ReceiptId, session: Transaction, subject: Caller) -> schemas.Receipt:
    """Get a receipt."""
    return schemas.Receipt.model_validate(await repository.get(session, subject, receipt_id))


@router.get(
    "/receipts/{receipt_id}/attestation",
    name="attestation",
    response_class=Response,
    responses=envelope_file() | FOUND,
)
async def get_attestation(receipt_id: ReceiptId, session: Transaction, subject: Caller) -> Response:
    """Get a receipt signed by the service (DSSE, in-toto)."""
    row = await repository.get(session, subject, receipt_id)
    named = {"Content-Disposition": 'inline; filename="receipt.dsse.json"'}
    return Response(row.envelope, media_type=ENVELOPE, headers=named)
