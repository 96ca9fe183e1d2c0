"""Measurements and samples of a prior in training, from events and the object store."""

from uuid import UUID

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository, schemas
from app.auth.subject import Subject
from app.db.models import Audit, JobEvent
from app.errors import NotFoundError
from app.jobs.sheets import sheet_key
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened

NONE_YET = (
    "This audit has no samples of a prior: its training was not measured yet, or the prior was reused or "
    "shipped and is not trained. Follow the audit's events: `samples` announces each sheet."
)


async def measurements(session: AsyncSession, subject: Subject, audit_id: UUID) -> schemas.PriorSamples:
    """Return the newest measurement and those before it.

    Raises: NotFoundError before the first.
    """
    audit = await repository.get(session, subject, audit_id)
    events = await _measurements(session, audit)
    by_step = {
        event.payload["step"]: event.payload["kid"] for event in events
    }  # a second attempt may measure the same step again
    newest = events[-1]
    return schemas.PriorSamples(
        step=newest.payload["step"],
        steps=newest.payload["steps"],
        kid=newest.payload["kid"],
        at=newest.created_at,
        measured=[schemas.PriorMeasurement(step=step, kid=kid) for step, kid in sorted(by_step.items())],
    )


async def image(session: AsyncSession, subject: Subject, audit_id: UUID) -> bytes:
    """Return the newest sheet as a PNG, not covered: a prior sees no private image."""
    audit = await repository.get(session, subject, audit_id)
    prior: str = (await _measurements(session, audit))[-1].payload["prior"]
    name = sheet_key(audit.project_id, prior)
    try:
        return await anyio.to_thread.run_sync(_read, name, await session.run_sync(find_key, name))
    except MissingObjectError:
        raise NotFoundError("no_prior_samples", "The sheet of samples is gone from the object store.") from None


async def _measurements(session: AsyncSession, audit: Audit) -> list[JobEvent]:
    """Return the events that announce samples, oldest first. Raises: NotFoundError without any."""
    statement = select(JobEvent).where(JobEvent.audit_id == audit.id, JobEvent.kind == "samples")
    events = list((await session.execute(statement.order_by(JobEvent.seq))).scalars())
    if not events:
        raise NotFoundError("no_prior_samples", NONE_YET)
    return events


def _read(name: str, key: bytes | None) -> bytes:
    with opened(name, key) as file:
        return file.read()
