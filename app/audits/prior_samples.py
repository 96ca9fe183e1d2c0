"""Measurements and samples of priors, in training and kept, from events and the object store.

A prior sees no private image, so its samples are shown as they are. One that was trained with the
answers of a release may show whom the release knows. Its samples are shown like reconstructions.
"""

import io
from uuid import UUID

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits import repository, schemas
from app.audits.cover import cover
from app.audits.reveal import Owner, Reveal, record_reveal
from app.auth.subject import Subject
from app.contract.engine import learns_answers
from app.contract.plan import Plan
from app.db.models import Audit, JobEvent
from app.errors import NotFoundError
from app.jobs.sheets import sheet_key
from app.kit.ids import public_id
from app.priors import repository as priors
from app.priors.service import is_covered
from app.storage.store import MissingObjectError
from app.vault.keys import find_key
from app.vault.objects import opened

NONE_YET = (
    "This audit has no samples of a prior: its training was not measured yet, or the prior was reused or "
    "shipped and is not trained. Follow the audit's events: `samples` announces each sheet."
)
GONE = "The sheet of samples is gone from the object store."


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
        covered=_is_covered(audit, newest),
        measured=[schemas.PriorMeasurement(step=step, kid=kid) for step, kid in sorted(by_step.items())],
    )


async def image(session: AsyncSession, subject: Subject, audit_id: UUID, reveal: Reveal) -> bytes:
    """Return the newest sheet of an audit as a PNG: as it is, a cover, or the logged original."""
    audit = await repository.get(session, subject, audit_id)
    newest = (await _measurements(session, audit))[-1]
    png = await _stored(session, sheet_key(audit.project_id, newest.payload["prior"]), GONE)
    if not _is_covered(audit, newest):
        return png
    return await _revealed(session, subject, reveal, f"{public_id('aud', audit.id)}/prior-samples", audit, png)


async def kept_image(session: AsyncSession, subject: Subject, prior_id: UUID, reveal: Reveal) -> bytes:
    """Return the sheet of a prior that is kept, by the same rules. Raises: NotFoundError."""
    prior = await priors.get(session, subject, prior_id)
    png = await _stored(session, sheet_key(prior.project_id, prior.key), "No samples of this prior were kept.")
    if not is_covered(prior):
        return png
    return await _revealed(session, subject, reveal, f"{public_id('pri', prior.id)}/samples", prior, png)


async def _revealed(  # noqa: PLR0917 (the session, for whom, why, what, whose, the picture)
    session: AsyncSession, subject: Subject, reveal: Reveal, what: str, owner: Owner, png: bytes
) -> bytes:
    reveal.check(subject)
    if reveal.original:
        return await record_reveal(session, subject, reveal, what, owner, png=png)
    return await anyio.to_thread.run_sync(_cover_of, png)


def _cover_of(png: bytes) -> bytes:
    from PIL import Image

    width, height = Image.open(io.BytesIO(png)).size
    return cover(height, width)


def _is_covered(audit: Audit, measured: JobEvent) -> bool:
    """Tell whether a prior learns answers. Events of older versions do not name its kind."""
    kind = measured.payload.get("kind")
    kinds: set[str] = {kind} if kind is not None else {one.prior_kind for one in Plan.load(audit.plan).attacks}
    return any(map(learns_answers, kinds))


async def _measurements(session: AsyncSession, audit: Audit) -> list[JobEvent]:
    """Return the events that announce samples, oldest first. Raises: NotFoundError without any."""
    statement = select(JobEvent).where(JobEvent.audit_id == audit.id, JobEvent.kind == "samples")
    events = list((await session.execute(statement.order_by(JobEvent.seq))).scalars())
    if not events:
        raise NotFoundError("no_prior_samples", NONE_YET)
    return events


async def _stored(session: AsyncSession, name: str, gone: str) -> bytes:
    try:
        return await anyio.to_thread.run_sync(_read, name, await session.run_sync(find_key, name))
    except MissingObjectError:
        raise NotFoundError("no_prior_samples", gone) from None


def _read(name: str, key: bytes | None) -> bytes:
    with opened(name, key) as file:
        return file.read()
