"""Asking for, approving, revoking and listing waivers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.four_eyes import people_behind
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Release, Waiver
from app.errors import ConflictError, ForbiddenError, UnprocessableError
from app.kit.ids import public_id
from app.kit.listing import listed
from app.policies import gathering, repository
from app.policies import waiver_schemas as schemas
from app.policies.redeciding import decide_again
from app.releases import repository as releases
from app.targets import repository as targets

LONGEST = timedelta(days=366)


async def ask(session: AsyncSession, subject: Subject, target_id: UUID, body: schemas.WaiverCreate) -> schemas.Waiver:
    """Ask for a waiver. It counts once another subject approves it."""
    subject.require(Scope.WAIVERS_WRITE)
    target = await targets.get(session, subject, target_id)
    release = await _release(session, subject, target.id, body.release_id)
    now = datetime.now(UTC)
    if not now < body.expires_at <= now + LONGEST:
        raise UnprocessableError("bad_expiry", "A waiver must expire in the future, within 366 days.")
    made = Waiver(
        project_id=target.project_id,
        target_id=target.id,
        release_id=release.id,
        digest=gathering.digest_of(release),
        asked_by=subject.name,
        asked_by_id=subject.id,
        asked_for_by=sorted(await people_behind(session, subject)),
        **body.model_dump(exclude={"release_id"}),
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    await _log(session, subject, "waiver.asked", made)
    return document(made, now)


async def approve(session: AsyncSession, subject: Subject, waiver_id: UUID) -> schemas.Waiver:
    """Approve a waiver of somebody else, and decide again what it covers."""
    subject.require(Scope.WAIVERS_APPROVE)
    found = await repository.get_waiver(session, subject, waiver_id, lock=True)
    now = datetime.now(UTC)
    if subject.id == found.asked_by_id or set(found.asked_for_by) & await people_behind(session, subject):
        raise ForbiddenError(
            "own_waiver",
            "You asked for this waiver, yourself or with a key that you made. Somebody else must approve it.",
        )
    if (state := state_of(found, now)) != "requested":
        raise ConflictError("waiver_not_open", f"This waiver is {state}. Only a requested one can be approved.")
    found.approved_by, found.approved_by_id, found.approved_at = subject.name, subject.id, now
    await session.flush()
    await _log(session, subject, "waiver.approved", found)
    await session.run_sync(decide_again, found, subject, now=now)
    return document(found, now)


async def revoke(session: AsyncSession, subject: Subject, waiver_id: UUID) -> schemas.Waiver:
    """End a waiver, or withdraw a request, and decide again what it covered."""
    if Scope.WAIVERS_APPROVE not in subject.scopes:
        subject.require(Scope.WAIVERS_WRITE)
    found = await repository.get_waiver(session, subject, waiver_id, lock=True)
    now = datetime.now(UTC)
    if (state := state_of(found, now)) not in {"requested", "approved"}:
        raise ConflictError("waiver_not_open", f"This waiver is {state}, so it cannot be revoked.")
    found.revoked_by, found.ended_at = subject.name, now
    await session.flush()
    await _log(session, subject, "waiver.revoked", found)
    if found.approved_at is not None:
        await session.run_sync(decide_again, found, subject, now=now)
    return document(found, now)


async def get(session: AsyncSession, subject: Subject, waiver_id: UUID) -> schemas.Waiver:
    """Return a waiver."""
    return document(await repository.get_waiver(session, subject, waiver_id), datetime.now(UTC))


async def page(
    session: AsyncSession, subject: Subject, target_id: UUID, asked: schemas.WaiverQuery
) -> schemas.WaiverPage:
    """List the waivers of a target, newest first."""
    target = await targets.get(session, subject, target_id)
    statement = repository.readable_waivers(subject).where(Waiver.target_id == target.id)
    rows, following = await listed(session, statement, repository.WAIVERS, asked)
    now = datetime.now(UTC)
    return schemas.WaiverPage(items=[document(row[0], now) for row in rows], next_cursor=following)


def state_of(row: Waiver, now: datetime) -> schemas.WaiverState:
    """Return the state of a waiver at a time."""
    if row.ended_at is not None:
        return "ended"
    if now >= row.expires_at:
        return "expired"
    return "requested" if row.approved_at is None else "approved"


def document(row: Waiver, now: datetime) -> schemas.Waiver:
    """Return a waiver as the API shows it."""
    fields = {name: getattr(row, name) for name in schemas.Waiver.model_fields if name != "state"}
    return schemas.Waiver(**fields, state=state_of(row, now))


async def _release(session: AsyncSession, subject: Subject, target_id: UUID, release_id: UUID | None) -> Release:
    """Return the release that a waiver is bound to. Its checkpoint must be known."""
    if release_id is None:
        found = await repository.newest_release(session, target_id)
    else:
        found, _ = await releases.get(session, subject, release_id)
    if found is None or found.target_id != target_id or found.sha256 is None:
        raise UnprocessableError(
            "nothing_to_waive", "A waiver is bound to a checkpoint, and the target has no such release that is ready."
        )
    return found


async def _log(session: AsyncSession, subject: Subject, action: str, waiver: Waiver) -> None:
    details: dict[str, Any] = {
        "target": public_id("tgt", waiver.target_id),
        "release": public_id("rel", waiver.release_id),
        "digest": waiver.digest,
        "rule": waiver.rule,
        "until_next_release": waiver.until_next_release,
        "reason": waiver.reason,
        "expires_at": waiver.expires_at.astimezone(UTC).isoformat(),
    }
    identifier = public_id("wai", waiver.id)
    await audit_log.write(session, subject, action, identifier, project_id=waiver.project_id, details=details)
