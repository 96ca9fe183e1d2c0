"""Live progress of an audit as server-sent events."""

from collections.abc import AsyncIterable, AsyncIterator
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.auth.authenticate import Caller, authenticate_again
from app.auth.routing import Router
from app.events import service
from app.events.streams import streams
from app.kit.ids import AuditId, public_id
from app.kit.in_memory import reads
from app.kit.problems import problems
from app.kit.schema import Document, Json, Timestamp
from app.kit.shutdown import stopping

router = Router(tags=["events"])

RECONNECT_MILLISECONDS = 1000
LARGEST = 2**31 - 1


class Event(Document):
    """One event of an audit, sent as JSON in `data`.

    `seq` is also the `id` of the server-sent event and `kind` its name.
    """

    seq: int
    kind: Literal["audit", "job", "progress", "references", "samples", "frozen", "result"]
    at: Timestamp
    payload: Json


async def place(request: Request, subject: Caller) -> AsyncIterator[None]:
    """Dependency that takes one of the places for streams until the stream has ended."""
    with streams(request.app).place(subject):
        yield


async def readable(audit_id: AuditId, subject: Caller) -> AuditId:
    """Dependency that returns the id if the caller may read the audit."""
    await service.check_readable(subject, audit_id)
    return audit_id


async def start(
    after: Annotated[int, Query(ge=0, le=LARGEST, description="Skip events up to this number.")] = 0,
    last_event_id: Annotated[
        str | None, Header(description="Number of the last event received. Browsers send it when they reconnect.")
    ] = None,
) -> int:
    """Dependency that returns the number after which to begin.

    The header takes precedence, because a reconnect repeats the address of the first connection.
    """
    if last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) <= 10:
        return min(int(last_event_id), LARGEST)
    return after


@router.get(
    "/audits/{audit_id}/events",
    name="follow",
    response_class=EventSourceResponse,
    dependencies=[Depends(place)],
    responses=problems(401, 403, 404, 422, 429),
)
async def follow(
    request: Request,
    audit_id: Annotated[AuditId, Depends(readable)],
    after: Annotated[int, Depends(start)],
) -> AsyncIterable[ServerSentEvent]:
    """Send every event after a number, then each new event as it happens, until the audit ends.

    The stream ends when its key or session does.
    """
    reader = service.Reader(reads(request), partial(authenticate_again, request))
    async for event in service.follow(reader, audit_id, after, streams(request.app), stopping(request.app)):
        # as in the list of jobs
        named = {"job_id": public_id("job", event.job_id)} if event.job_id else {}
        body: dict[str, Any] = Event(
            seq=event.seq, kind=event.kind, at=event.created_at, payload=event.payload | named
        ).model_dump(mode="json")
        yield ServerSentEvent(data=body, event=event.kind, id=str(event.seq), retry=RECONNECT_MILLISECONDS)
