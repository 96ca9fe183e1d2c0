"""The scheduler's work on sources: incoming webhooks, checks that are due, and changes under way.

Each piece of work is claimed in a transaction before anything is sent, so that a crash or a second
scheduler repeats it later instead of losing it.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.db.models import Release, Source, SourceCall, SourceChange
from app.db.transaction import committed
from app.errors import ProblemError
from app.outbound.transport import PinnedClient
from app.problem_types import problem_body
from app.settings import settings
from app.sources import addresses, checking, writing
from app.sources.changing import advance, changed
from app.sources.checking import Found

log = structlog.get_logger(__name__)

AT_ONCE = 500
CLAIMED = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
WRITE_ATTEMPTS = 60
LOCK: dict[str, bool] = {"key_share": True}
"""Locks a source without holding up webhooks, whose rows refer to it."""


async def round_of(client: PinnedClient, engine: AsyncEngine | None = None, most: int = 50) -> int:
    """Do what is due. Returns the number of pieces of work."""
    done = 0
    for step in (wake, handle_call, check_next, advance_next):
        while done < most and await step(client, engine):
            done += 1
    return done


async def wake(client: PinnedClient, engine: AsyncEngine | None = None) -> bool:
    """Handle the incoming webhooks that name no revision: have their sources checked."""
    waiting = (SourceCall.handled_at.is_(None), SourceCall.revision.is_(None))
    async with committed(engine) as session:
        statement = select(SourceCall.id, SourceCall.source_id).where(*waiting).limit(AT_ONCE)
        calls = (await session.execute(statement.with_for_update(skip_locked=True))).all()
        if not calls:
            return False
        now = datetime.now(UTC)
        handled = update(SourceCall).where(SourceCall.id.in_([call for call, _ in calls]))
        await session.execute(handled.values(handled_at=now))
        sources = update(Source).where(Source.id.in_({source for _, source in calls}))
        await session.execute(sources.values(next_check_at=now))
        return True


async def handle_call(client: PinnedClient, engine: AsyncEngine | None = None) -> bool:
    """Handle an incoming webhook: create the release of the revision that it names."""
    waiting = (SourceCall.handled_at.is_(None), SourceCall.revision.is_not(None))
    async with committed(engine) as session:
        statement = select(SourceCall).where(*waiting).order_by(SourceCall.created_at)
        locked = statement.limit(1).with_for_update(skip_locked=True)
        call = (await session.execute(locked)).scalar_one_or_none()
        if call is None or call.revision is None:
            return False
        call.handled_at = datetime.now(UTC)
        source = await session.get_one(Source, call.source_id, with_for_update=LOCK)
        if (problem := await _change(session, source, Found(call.revision))) is None:
            source.seen, source.problem = call.revision, None
        else:
            _failed(source, problem)
        return True


async def check_next(client: PinnedClient, engine: AsyncEngine | None = None) -> bool:
    """Check the source that has been due longest."""
    now = datetime.now(UTC)
    async with committed(engine) as session:
        statement = select(Source).where(Source.active, Source.next_check_at <= now).order_by(Source.next_check_at)
        locked = statement.limit(1).with_for_update(skip_locked=True, key_share=True)
        source = (await session.execute(locked)).scalar_one_or_none()
        if source is None:
            return False
        source.next_check_at = now + CLAIMED
        source_id, watched = source.id, addresses.parse(source.address)
    found, problem = await _current(client, watched)
    async with committed(engine) as session:
        source = await session.get(Source, source_id, with_for_update=LOCK)
        if source is None:
            return True
        source.checked_at = datetime.now(UTC)
        if found is not None and found.revision != source.seen:
            problem = await _change(session, source, found)
        if problem is not None:
            _failed(source, problem)
            return True
        assert found is not None
        source.seen, source.errors, source.problem = found.revision, 0, None
        source.next_check_at = datetime.now(UTC) + timedelta(seconds=source.check_seconds)
    return True


async def advance_next(client: PinnedClient, engine: AsyncEngine | None = None) -> bool:
    """Look at the change that has been due longest."""
    now = datetime.now(UTC)
    async with committed(engine) as session:
        statement = select(SourceChange).where(SourceChange.next_at <= now).order_by(SourceChange.next_at)
        locked = statement.limit(1).with_for_update(skip_locked=True)
        change = (await session.execute(locked)).scalar_one_or_none()
        if change is None:
            return False
        source = await session.get_one(Source, change.source_id)
        audit = await advance(session, change, source, now)
        if audit is None:
            return True
        change.next_at = now + CLAIMED
        release = await session.get_one(Release, audit.release_id)
        change_id, audit_id = change.id, audit.id
        session.expunge_all()
    try:
        await writing.write(client, source, change, audit, release, settings=settings())
    except ProblemError as error:
        await _not_written(engine, change_id, error.to_dict())
        return True
    except Exception as error:
        log.exception("sources.write_failed", change=str(change_id))
        await _not_written(engine, change_id, _internal(error))
        return True
    async with committed(engine) as session:
        change = await session.get_one(SourceChange, change_id, with_for_update=True)
        change.audit_id, change.written_at, change.next_at, change.problem = audit_id, datetime.now(UTC), None, None
    return True


async def _not_written(engine: AsyncEngine | None, change_id: UUID, problem: dict[str, object]) -> None:
    """Write the result again later, at most `WRITE_ATTEMPTS` times."""
    async with committed(engine) as session:
        change = await session.get_one(SourceChange, change_id, with_for_update=True)
        change.errors += 1
        change.problem = problem
        change.next_at = None if change.errors >= WRITE_ATTEMPTS else datetime.now(UTC) + back_off(60, change.errors)
    log.warning("sources.not_written", change=str(change_id), code=problem["code"])


async def _current(client: PinnedClient, watched: addresses.Watched) -> tuple[Found | None, dict[str, object] | None]:
    try:
        return await checking.current(client, watched, settings()), None
    except ProblemError as error:
        return None, error.to_dict()
    except Exception as error:
        log.exception("sources.check_failed")
        return None, _internal(error)


async def _change(session: AsyncSession, source: Source, found: Found) -> dict[str, object] | None:
    """Create the release of a revision. Returns the problem if it is rejected."""
    try:
        async with session.begin_nested():
            await changed(session, source, found)
    except ProblemError as error:
        return error.to_dict()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("sources.change_failed", source=str(source.id))
        return _internal(error)
    return None


def _internal(error: Exception) -> dict[str, object]:
    """Return the problem of an unexpected error, which must not hold up other sources."""
    return problem_body("internal", f"The service failed ({type(error).__name__}). Its log has the details.")


def _failed(source: Source, problem: dict[str, object]) -> None:
    """Record a failed check, and wait longer before the next one."""
    source.errors += 1
    source.problem = problem
    source.next_check_at = datetime.now(UTC) + back_off(source.check_seconds, source.errors)
    log.warning("sources.failed", source=str(source.id), code=problem["code"], errors=source.errors)


def back_off(seconds: int, errors: int) -> timedelta:
    """Return a wait that doubles with every error, up to six hours or the usual wait."""
    usual = timedelta(seconds=seconds)
    doubled: timedelta = usual * (1 << min(errors - 1, 16))
    return max(usual, min(doubled, LONGEST_WAIT))
