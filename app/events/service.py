"""Reading the events of an audit as they are written.

Any number of API processes can read them, because the rows are the only state.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import InterfaceError, OperationalError

from app.audits import repository
from app.auth.limits import Limited, bound, limited, values
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.contention import failure
from app.db.models import Audit, JobEvent
from app.db.reads import Compiled, Reads, compiled
from app.db.session import async_session
from app.db.states import FINISHED_AUDIT, AuditState
from app.events.streams import Streams

log = structlog.get_logger(__name__)


class Reader(NamedTuple):
    """Connections for reads, and a function that returns who reads a stream.

    It returns None when they may not read on.
    """

    reads: Reads
    subject: Callable[[], Awaitable[Subject | None]]


BATCH = 500


class Written(NamedTuple):
    """An event as it is sent."""

    seq: int
    kind: str
    created_at: datetime
    payload: dict[str, Any]
    job_id: UUID | None


async def check_readable(subject: Subject, audit_id: UUID) -> None:
    """Raise `NotFoundError` before the stream begins, while a problem can still be sent."""
    async with async_session() as session:
        await repository.shown(session, subject, audit_id)


async def follow(
    reader: Reader, audit_id: UUID, after: int, streams: Streams, stopping: asyncio.Event
) -> AsyncIterator[Written]:
    """Yield events after number `after` in order, until the audit is finished and all are sent.

    Holds no connection while it waits. Ends early when the server stops; the reader reconnects
    with the number of its last event. Ends when `reader` says that the reader may not read on.
    """
    with streams.following(audit_id) as woken:
        while True:
            woken.clear()
            try:
                subject = await reader.subject()
                if subject is None or Scope.AUDITS_READ not in subject.scopes:
                    return
                finished, events = await _read(reader.reads, subject, audit_id, after)
            # PostgreSQL restarts; reading continues afterwards
            except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
                log.warning(f"events.{failure(error)}", error=repr(error))
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


async def _read(reads: Reads, subject: Subject, audit_id: UUID, after: int) -> tuple[bool, list[Written]]:
    """Return whether the audit is finished, then its events.

    The state is read first, so the last event of a finished audit is never missed.
    """
    found = await reads.rows(_state(limited(subject)), values(subject) | {"audit": audit_id})
    if not found:
        return True, []
    newer = await reads.rows(_newer(), {"audit": audit_id, "after": after})
    return AuditState(found[0][0]) in FINISHED_AUDIT, [Written(*row) for row in newer]


@lru_cache
def _state(may_see: Limited) -> Compiled:
    audits = repository.readable(bound(may_see)).with_only_columns(Audit.state)
    return compiled(audits.where(Audit.id == bindparam("audit")))


@lru_cache
def _newer() -> Compiled:
    columns = [getattr(JobEvent, name) for name in Written._fields]
    of_audit = select(*columns).where(JobEvent.audit_id == bindparam("audit"), JobEvent.seq > bindparam("after"))
    return compiled(of_audit.order_by(JobEvent.seq).limit(BATCH))
