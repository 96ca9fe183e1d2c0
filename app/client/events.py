"""Following the server-sent events of an audit.

A broken connection resumes after the last event received.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from app.client.http import ApiError, Client, UnreachableError, passes

RECONNECT_SECONDS = 1.0
GIVE_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an audit. `app/jobs/events.py` lists the kinds and their payloads."""

    seq: int
    kind: str
    at: str
    payload: dict[str, Any]


def follow(client: Client, audit_id: str, *, after: int = 0) -> Iterator[Event]:
    """Yield events until the audit is finished and all of its events have been received.

    Raises `UnreachableError` when the server does not answer for a minute.
    """
    quiet_since: float | None = None
    while True:
        try:
            for event in _read(client, audit_id, after):
                quiet_since = None
                after = event.seq
                yield event
            if _finished(client, audit_id):
                yield from _read(client, audit_id, after)
                return
        except (httpx.TransportError, ApiError, UnreachableError) as error:
            if not (passes(error) or isinstance(error, UnreachableError)):
                raise
            quiet_since = quiet_since or time.monotonic()
            if time.monotonic() - quiet_since > GIVE_UP_SECONDS:
                raise UnreachableError(
                    f"The server did not answer for a minute while audit {audit_id} was running: {error}. The audit "
                    "may still be running. Run `exhume audit wait` to follow it again."
                ) from error
        time.sleep(RECONNECT_SECONDS)


def _finished(client: Client, audit_id: str) -> bool:
    return client.get(f"/audits/{audit_id}")["state"] in {"succeeded", "failed", "cancelled"}


def _read(client: Client, audit_id: str, after: int) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after else {})
    with client.stream(f"/audits/{audit_id}/events", headers) as answer:
        if not answer.is_success:
            answer.read()
            raise ApiError(answer.status_code, answer.json())
        data: list[str] = []
        for line in answer.iter_lines():
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                body = json.loads("\n".join(data))
                data = []
                if "seq" in body:
                    yield Event(seq=body["seq"], kind=body["kind"], at=body["at"], payload=body["payload"])
