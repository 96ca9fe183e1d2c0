"""Replays: the same plan run again on the same inputs, and a comparison of the results."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.audits import repository, schemas, service
from app.audits.comparison import Measured, changed, compared, expected
from app.audits.inputs import keep
from app.audits.keeping import deletion_time
from app.audits.outcomes import without_result
from app.audits.priors import shipped
from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.plan import Plan
from app.contract.result import Result
from app.db.models import Audit, Dataset, IdentityOutcome, Reconstruction, Release
from app.db.states import AuditState, IntakeState
from app.db.transaction import after_commit
from app.errors import ConflictError, NotFoundError
from app.jobs.dispatch import add_audit_jobs, publish
from app.jobs.events import record_async
from app.kit.ids import public_id
from app.vault.keys import make_key, pictures_of

COPIED = (
    *("project_id", "release_id", "public_dataset_id", "private_dataset_id", "gallery_dataset_id", "twin_release_id"),
    *("plan", "plan_digest", "declared_by", "declaration", "estimate"),
)


async def create(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Audit:
    """Queue the plan of a finished audit again, under the declaration of the original.

    The audit log names the person or API key that asked.
    """
    subject.require(Scope.AUDITS_WRITE)
    original = await repository.get(session, subject, audit_id)
    if original.state != AuditState.SUCCEEDED:
        raise ConflictError("not_finished", f"This audit is {original.state}; only one with a result can be replayed.")
    datasets = (original.public_dataset_id, original.private_dataset_id, original.gallery_dataset_id)
    await keep(session, original.release_id, datasets)
    await session.refresh(original)  # an erasure may have edited its plan
    await _check_inputs(session, original)
    again = Audit(
        **{name: getattr(original, name) for name in COPIED},
        replay_of=original.id,
        requested_by=subject.name[:100],
        delete_images_at=await deletion_time(session, original.project_id),
    )
    session.add(again)
    await session.flush()
    await session.run_sync(make_key, again.project_id, pictures_of(again.id))
    await record_async(session, again.id, "audit", {"state": AuditState.QUEUED.value})
    job_ids = await add_audit_jobs(session, again)
    details = {"replay_of": public_id("aud", original.id), "plan_digest": original.plan_digest}
    identifier, project_id = public_id("aud", again.id), original.project_id
    await audit_log.write(session, subject, "audit.replayed", identifier, project_id=project_id, details=details)
    after_commit(session, partial(publish, job_ids))
    return await service.get(session, subject, again.id)


async def _check_inputs(session: AsyncSession, original: Audit) -> None:
    inputs = Result.load(original.result).inputs if original.result is not None else None
    needed: list[tuple[type[Release] | type[Dataset], UUID | None]] = [
        (Release, original.release_id),
        (Release, original.twin_release_id),
        (Dataset, original.public_dataset_id),
        (Dataset, original.private_dataset_id),
        (Dataset, original.gallery_dataset_id),
    ]
    for model, identifier in needed:
        row: Any = await session.get(model, identifier) if identifier is not None else None
        if identifier is not None and (row is None or row.state != IntakeState.READY or row.object_key is None):
            raise ConflictError("inputs_deleted", "An input of this audit was deleted, so it cannot run again.")
        if isinstance(row, Dataset) and row.digest not in (None, getattr(inputs, row.role, None) or row.digest):
            raise ConflictError(
                "images_changed",
                f"The data set {row.name!r} is not the one that this audit used: its pixels, labels, split or names "
                "changed. Start a new audit.",
            )
    built_in = [attack.prior_key for attack in Plan.load(original.plan).attacks if attack.prior == "built-in"]
    if not all(shipped(key or _recorded_prior(original)) for key in built_in):
        raise ConflictError(
            "prior_not_shipped",
            "This audit searched a built-in prior that this version of Exhume no longer ships, so the same plan cannot "
            "run again. Start a new audit of the same release, or replay this one with the version that made it.",
        )


def _recorded_prior(audit: Audit) -> str:
    """Return the digest of the prior in the result, for plans that do not name it."""
    return str(None if audit.result is None else Result.load(audit.result).inputs.prior)


async def drift(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.Drift:
    """Compare a replay with its original."""
    again = await repository.get(session, subject, audit_id)
    if again.replay_of is None:
        raise NotFoundError("no_replay", "This audit is not a replay; start one with POST /audits/{id}/replay.")
    original = await repository.get(session, subject, again.replay_of)
    if again.result is None or original.result is None:
        raise ConflictError("no_result", without_result("replay", again.state))
    images = await _compared(session, original.id, again.id)
    outcome, explanation = compared(_measured(original), _measured(again), images_equal=images.equal == images.total)
    results = Result.load(original.result), Result.load(again.result)
    difference = None if original.risk is None or again.risk is None else again.risk - original.risk
    return schemas.Drift(
        original_id=original.id,
        replay_id=again.id,
        outcome=outcome,
        expected=expected(*results),
        explanation=explanation,
        identities=await _identities(session, original.id, again.id),
        reconstructions=images,
        verdict=schemas.VerdictPair(original=original.verdict, replay=again.verdict),
        risk=schemas.RiskPair(
            original=original.risk,
            original_low=original.risk_low,
            original_high=original.risk_high,
            replay=again.risk,
            replay_low=again.risk_low,
            replay_high=again.risk_high,
            difference=difference,
        ),
        changed=changed(*results),
    )


def _measured(audit: Audit) -> Measured:
    return Measured(audit.verdict, audit.risk, audit.risk_low, audit.risk_high)


async def _identities(session: AsyncSession, original: UUID, again: UUID) -> list[schemas.IdentityDrift]:
    """Return the identities whose outcome or similarity is not the same in both."""
    a, b = aliased(IdentityOutcome), aliased(IdentityOutcome)
    columns = select(a.identity, a.verified, b.verified, a.similarity, b.similarity)
    both = columns.join(b, and_(b.audit_id == again, b.identity == a.identity)).where(a.audit_id == original)
    apart = or_(a.verified.is_distinct_from(b.verified), a.similarity.is_distinct_from(b.similarity))
    names = schemas.IdentityDrift.model_fields
    rows = await session.execute(both.where(apart).order_by(a.identity))
    return [schemas.IdentityDrift(**dict(zip(names, row, strict=True))) for row in rows]


async def _compared(session: AsyncSession, original: UUID, again: UUID) -> schemas.ReconstructionsCompared:
    a, b = aliased(Reconstruction), aliased(Reconstruction)
    same = [getattr(b, name) == getattr(a, name) for name in ("source", "attack", "identity", "seed", "restart")]
    pairs = select(func.count(), func.count().filter(a.digest == b.digest, a.submitted == b.submitted)).select_from(a)
    pairs = pairs.join(b, and_(b.audit_id == again, *same)).where(a.audit_id == original)
    both, equal = (await session.execute(pairs)).one()
    counts = [
        (await session.execute(select(func.count()).where(Reconstruction.audit_id == audit))).scalar_one()
        for audit in (original, again)
    ]
    total = sum(counts) - both
    return schemas.ReconstructionsCompared(total=total, equal=equal, differing=both - equal, unmatched=total - both)
