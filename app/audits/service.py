"""Planning, starting, reading and cancelling audits."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import inputs, plan, repository, schemas
from app.audits.estimate import estimate
from app.audits.judging import twin_id
from app.audits.keeping import deletion_time
from app.audits.queue import place_of_new
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.plan import Plan
from app.db.models import Audit
from app.db.session import async_session
from app.db.states import FINISHED_AUDIT, AuditState
from app.db.transaction import after_commit
from app.errors import ConflictError
from app.jobs.dispatch import add_audit_jobs, publish, request_cancel
from app.jobs.events import record_async
from app.kit.canonical import digest
from app.kit.ids import public_id
from app.projects import repository as projects
from app.settings import settings
from app.vault.keys import make_key, pictures_of


async def estimated(subject: Subject, project_id: UUID, request: schemas.EstimateRequest) -> schemas.Estimate:
    """Estimate the cost and possible conclusions of an audit. Rejects what `create` rejects."""
    async with async_session() as session:
        await projects.get(session, subject, project_id)
        subject.require(Scope.AUDITS_READ)
        found, fixed = await planned(session, subject, project_id, request)
        cost = await estimate(session, found, fixed)
    cost.queue = await place_of_new(subject, project_id)
    return cost


async def planned(
    session: AsyncSession, subject: Subject, project_id: UUID, request: schemas.EstimateRequest
) -> tuple[inputs.Inputs, Plan]:
    """Return the checked inputs of a request and its plan. Starts nothing."""
    found = await inputs.load(session, subject, project_id, request)
    return found, plan.make_plan(request, found, settings().attack_precision)


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, request: schemas.AuditCreate
) -> schemas.Audit:
    """Fix the plan, create the key for the images and queue the jobs, in one transaction."""
    subject.require(Scope.AUDITS_WRITE)
    datasets = (request.public_dataset_id, request.private_dataset_id, request.gallery_dataset_id)
    await inputs.keep(session, request.release_id, datasets)
    found, fixed = await planned(session, subject, project_id, request)
    cost = await estimate(session, found, fixed)
    audit = Audit(
        project_id=project_id,
        release_id=found.release.id,
        public_dataset_id=found.public.id,
        private_dataset_id=found.private.id if found.private else None,
        gallery_dataset_id=found.gallery.id if found.gallery else None,
        twin_release_id=twin_id(found.twin, fixed.twin),
        plan=fixed.document(),
        plan_digest=digest(fixed.document()),
        declared_by=request.rights.declared_by,
        declaration=request.rights.statement,
        requested_by=subject.name[:100],
        estimate=cost.model_dump(mode="json"),
        delete_images_at=await deletion_time(session, project_id),
    )
    session.add(audit)
    await session.flush()
    await session.run_sync(make_key, project_id, pictures_of(audit.id))
    await record_async(session, audit.id, "audit", {"state": AuditState.QUEUED.value})
    job_ids = await add_audit_jobs(session, audit)
    details = {
        "release": public_id("rel", found.release.id),
        "plan_digest": audit.plan_digest,
        "declared_by": audit.declared_by,
        "declaration": audit.declaration,
    }
    identifier = public_id("aud", audit.id)
    await audit_log.write(session, subject, "audit.created", identifier, project_id=project_id, details=details)
    after_commit(session, partial(publish, job_ids))
    return await get(session, subject, audit.id)


async def get(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Audit:
    """Return an audit."""
    session.expire_all()
    audit, *names = await repository.get_with_names(session, subject, audit_id)
    return document(audit, repository.Names(*names))


async def jobs(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.JobPage:
    """Return all jobs of an audit."""
    audit = await repository.shown(session, subject, audit_id)
    rows = await repository.jobs(session, audit.id)
    return schemas.JobPage(items=[schemas.Job.model_validate(row) for row in rows], next_cursor=None)


async def cancel(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Audit:
    """Ask an audit to stop. Finished work is kept."""
    subject.require(Scope.AUDITS_WRITE)
    audit = await repository.get(session, subject, audit_id)
    if AuditState(audit.state) in FINISHED_AUDIT:
        raise ConflictError("audit_finished", f"This audit is {audit.state} already.")
    if audit.cancel_requested_at is None:
        await request_cancel(session, audit)
        identifier = public_id("aud", audit.id)
        await audit_log.write(session, subject, "audit.cancelled", identifier, project_id=audit.project_id)
    return await get(session, subject, audit_id)


def document(audit: Any, names: repository.Names) -> schemas.Audit:
    """Return an audit, or an object with its columns, as the API shows it."""
    derived = {
        *("release", "public_dataset", "private_dataset", "gallery_dataset", "twin_release"),
        *("plan", "sentence", "images_deleted"),
    }
    columns = {name: getattr(audit, name) for name in set(schemas.Audit.model_fields) - derived}
    return schemas.Audit(
        **columns,
        plan=Plan.load(audit.plan),
        release=schemas.ReleaseOfAudit(
            id=audit.release_id,
            version=names.version,
            target_id=names.target_id,
            target_name=names.target,
            classes=names.classes,
        ),
        public_dataset=schemas.DatasetOfAudit(
            id=audit.public_dataset_id, name=names.public, images=names.public_images
        ),
        private_dataset=_set(audit.private_dataset_id, names.private, names.private_images),
        gallery_dataset=_set(audit.gallery_dataset_id, names.gallery, names.gallery_images),
        twin_release=(
            schemas.TwinOfAudit(id=audit.twin_release_id, version=names.twin or "") if audit.twin_release_id else None
        ),
        sentence=names.sentence,
        images_deleted=audit.images_deleted_at is not None,
    )


def _set(identifier: UUID | None, name: str | None, images: int | None) -> schemas.DatasetOfAudit | None:
    if identifier is None:
        return None
    return schemas.DatasetOfAudit(id=identifier, name=name or "", images=images)
