"""Live events of an audit: none is lost or repeated, and the stream ends."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from app.auth.scopes import Scope
from app.auth.subject import Kind, Subject
from app.db.listening import Listener
from app.db.session import sync_session
from app.events import service
from app.events.service import Reader, follow
from app.events.streams import Streams
from app.jobs.events import record
from app.settings import settings
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit
from tests.results import RESULT


async def operator() -> Subject:
    """Return somebody who may read every audit."""
    return Subject(uuid4(), "reader", None, frozenset({Scope.AUDITS_READ}), kind=Kind.OPERATOR)


def parsed(text: str) -> list[dict[str, Any]]:
    """Return the events of a stream without comments."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            events.append({**fields, "data": json.loads(fields["data"])})
    return events


async def test_a_finished_audits_events_are_sent_and_end(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    seeds.finish(audit["id"], [], RESULT)
    answer = await tenant.client.get(f"/api/v1/audits/{audit['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = parsed(answer.text)
    assert [int(event["id"]) for event in events] == list(range(1, len(events) + 1))
    assert [event["event"] for event in events] == [event["data"]["kind"] for event in events]
    assert events[0]["data"]["payload"] == {"state": "queued"}
    assert events[-1]["data"]["payload"] == {"state": "succeeded"}
    assert events[-1]["data"]["at"].endswith("Z")


async def test_events_name_jobs_as_the_list_of_jobs_does(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    seeds.finish(audit["id"], [], RESULT)
    path = f"/api/v1/audits/{audit['id']}"
    jobs = {job["id"]: job["stage"] for job in (await tenant.client.get(f"{path}/jobs")).json()["items"]}
    payloads = [event["data"]["payload"] for event in parsed((await tenant.client.get(f"{path}/events")).text)]
    named = {payload["job_id"]: payload["stage"] for payload in payloads if "job_id" in payload}
    assert named
    assert named.items() <= jobs.items()


async def test_a_reader_that_comes_back_misses_nothing(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    seeds.finish(audit["id"], [], RESULT)
    path = f"/api/v1/audits/{audit['id']}/events"
    everything = parsed((await tenant.client.get(path)).text)
    by_header = await tenant.client.get(path, headers={"Last-Event-ID": "3"}, params={"after": 1})
    assert parsed(by_header.text) == everything[3:]
    by_query = await tenant.client.get(path, params={"after": 2})
    assert parsed(by_query.text) == everything[2:]
    odd = await tenant.client.get(path, headers={"Last-Event-ID": "x"})
    assert parsed(odd.text) == everything


async def test_events_come_as_they_happen_until_the_end(
    application: FastAPI,
    audit: dict[str, Any],  # noqa: F811
) -> None:
    seen: asyncio.Queue[int] = asyncio.Queue()
    streams = Streams(Listener())
    reader = Reader(application.state.reads, operator)

    async def read() -> None:
        async for event in follow(reader, seeds.uuid_of(audit["id"]), 0, streams, asyncio.Event()):
            seen.put_nowait(event.seq)

    reading = asyncio.create_task(read())
    before = audit["event_seq"]
    async with asyncio.timeout(10):
        assert [await seen.get() for _ in range(before)] == list(range(1, before + 1))
        with sync_session() as session:
            record(session, seeds.uuid_of(audit["id"]), "progress", {"stage": "attack", "done": 1, "total": 2})
        assert await seen.get() == before + 1
        seeds.finish(audit["id"], [], RESULT)
        await reading
    assert seen.get_nowait() == before + 2
    assert seen.empty()


async def test_a_database_that_restarts_does_not_end_the_story(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds.finish(audit["id"], [], RESULT)
    read, calls = service._read, 0

    async def away_at_first(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OperationalError("SELECT 1", None, ConnectionError("terminating connection"))
        return await read(*arguments)

    monkeypatch.setattr(service, "_read", away_at_first)
    answer = await tenant.client.get(f"/api/v1/audits/{audit['id']}/events")
    assert parsed(answer.text)[-1]["data"]["payload"] == {"state": "succeeded"}


async def test_the_stream_ends_when_the_server_stops(application: FastAPI, audit: dict[str, Any]) -> None:  # noqa: F811
    reader = Reader(application.state.reads, operator)
    streams, stopping = Streams(Listener()), asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stopping.set)
    async with asyncio.timeout(5):
        events = [event async for event in follow(reader, seeds.uuid_of(audit["id"]), 0, streams, stopping)]
    assert len(events) == audit["event_seq"]


@pytest.mark.parametrize("unknown", ["aud_" + "0" * 32, "aud_1"])
async def test_an_unknown_audit_is_a_problem_not_a_stream(tenant: Tenant, unknown: str) -> None:
    answer: httpx.Response = await tenant.client.get(f"/api/v1/audits/{unknown}/events")
    assert answer.status_code == 404
    problem(answer, 404, answer.json()["code"])


@pytest.fixture
async def heard(application: FastAPI, tenant: Tenant) -> Listener:
    """The listener of the application, once it hears."""
    listener: Listener = application.state.listener
    connected = asyncio.Event()
    listener.when_connection_changes(connected.set)
    async with asyncio.timeout(10):
        if not listener.connected:
            await connected.wait()
    return listener


async def test_news_wake_a_stream_at_once(
    heard: Listener,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    application: FastAPI,
) -> None:
    """A stream that hears reads nothing while there is nothing new."""
    monkeypatch.setattr("app.events.streams.QUIET_SECONDS", 60.0)
    reads = 0

    async def counting() -> Subject:
        nonlocal reads
        reads += 1
        return await operator()

    identifier, news = seeds.uuid_of(audit["id"]), application.state.streams
    stream = follow(Reader(application.state.reads, counting), identifier, audit["event_seq"], news, asyncio.Event())
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.7)
    assert reads == 1
    with sync_session() as session:
        record(session, identifier, "progress", {"stage": "attack", "done": 1, "total": 2})
    async with asyncio.timeout(5):
        assert (await waiting).seq == audit["event_seq"] + 1
    await stream.aclose()


async def test_a_stream_ends_with_its_key(
    heard: Listener,
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.events.streams.QUIET_SECONDS", 60.0)
    keys = f"/api/v1/projects/{tenant.project_id}/keys"
    made = (await tenant.client.post(keys, json={"name": "reader", "scopes": ["audits:read"]})).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    reading = asyncio.create_task(tenant.client.get(f"/api/v1/audits/{audit['id']}/events", headers=headers))
    await asyncio.sleep(0.3)
    assert not reading.done()
    assert (await tenant.client.delete(f"/api/v1/keys/{made['id']}")).status_code == 204
    async with asyncio.timeout(5):
        answer = await reading
    assert len(parsed(answer.text)) == audit["event_seq"]


async def test_streams_beyond_the_limits_are_refused(
    heard: Listener,
    tenant: Tenant,
    stranger: Tenant,
    audit: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/api/v1/audits/{audit['id']}/events"
    monkeypatch.setattr(settings(), "max_streams_per_key", 1)
    reading = asyncio.create_task(tenant.client.get(path))
    await asyncio.sleep(0.3)
    refused = problem(await tenant.client.get(path), 429, "too_many_streams")
    assert refused["status"] == 429
    problem(await stranger.client.get(path), 404, "no_such_audit")
    monkeypatch.setattr(settings(), "max_streams", 1)
    problem(await stranger.client.get(path), 429, "too_many_streams")
    seeds.finish(audit["id"], [], RESULT)
    async with asyncio.timeout(10):
        await reading
    assert (await tenant.client.get(path)).status_code == 200
