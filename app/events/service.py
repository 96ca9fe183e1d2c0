"""Reading the events of an audit as they are written.

Any number of API processes can read them, because the rows are the only state.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from app.audits import repository
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit, JobEvent
from app.db.session import async_session
from app.db.states import FINISHED_AUDIT, AuditState
from app.events.streams import Streams

log = structlog.get_logger(__name__)

Reader = Callable[[], Awaitable[Subject | None]]
"""Returns whoever reads a stream, or None when they may not read on."""
BATCH = 500


async def check_readable(subject: Subject, audit_id: UUID) -> None:
    """Raise `NotFoundError` before the stream begins, while a problem can still be sent."""
    async with async_session() as session:
        await repository.shown(session, subject, audit_id)


async def follow(
    reader: Reader, audit_id: UUID, after: int, streams: Streams, stopping: asyncio.Event
) -> AsyncIterator[JobEvent]:
    """Yield events after number `after` in order, until the audit is finished and all are sent.

    Holds no connection while it waits. Ends early when the server stops; the reader reconnects
    with the number of its last event. Ends when `reader` says that the reader may not read on.
    """
    with streams.following(audit_id) as woken:
        while True:
            woken.clear()
            try:
                subject = await reader()
                if subject is None or Scope.AUDITS_READ not in subject.scopes:
                    return
                finished, events = await _read(subject, audit_id, after)
            # PostgreSQL restarts; reading continues afterwards
            except (OperationalError, InterfaceError) as error:
                log.warning("events.database_away", error=repr(error))
                finished, events = False, []
            for event in events:
                after = event.seq
                yield event
            if len(events) == BATCH:
                continue
            if finished or stopping.is_set():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), streams.patience)


async def _read(subject: Subject, audit_id: UUID, after: int) -> tuple[bool, list[JobEvent]]:
    """Return whether the audit is finished, then its events.

    The state is read first, so the last event of a finished audit is never missed.
    """
    async with async_session() as session:
        statement = repository.readable(subject).where(Audit.id == audit_id).with_only_columns(Audit.state)
        state = (await session.execute(statement)).scalar_one_or_none()
        newer = (
            select(JobEvent)
            .where(JobEvent.audit_id == audit_id, JobEvent.seq > after)
            .order_by(JobEvent.seq)
            .limit(BATCH)
        )
        events = list((await session.execute(newer)).scalars()) if state is not None else []
    return state is None or AuditState(state) in FINISHED_AUDIT, events
