"""Audits followed by both clients: a broken stream resumes, and waiting has an end."""

import json
from typing import Any

import httpx
import pytest

from app.contract.plan import Plan
from exhume import Client, Progress, errors
from exhume import audits as module
from tests.unit.client.both import BOTH, Call
from tests.worker.rows import PLAN

both = pytest.mark.parametrize("call", BOTH)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECONNECT_SECONDS", 0.0)
    monkeypatch.setattr(module, "POLL_SECONDS", 0.0)


def line(seq: int, kind: str = "progress") -> str:
    body = {"seq": seq, "kind": kind, "at": "2026-01-01T00:00:00Z", "payload": {"done": seq}}
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(body)}\n\n"


@both
def test_a_broken_event_stream_resumes_after_the_last_event_seen(call: Call) -> None:
    asked: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            asked.append(request.headers.get("Last-Event-ID"))
            if len(asked) == 1:
                return httpx.Response(200, text=": ping\n\n" + line(1) + line(2))
            if len(asked) == 2:
                raise httpx.ReadError("restart")
            return httpx.Response(200, text=line(3) if len(asked) == 3 else "")
        return httpx.Response(200, json={"state": "succeeded" if len(asked) >= 3 else "running"})

    assert [event.seq for event in call(handler, "events", "aud_1")] == [1, 2, 3]
    assert asked == [None, "2", "2", "3"]


@both
def test_an_audit_is_followed_through_a_restart_of_the_database(call: Call) -> None:
    answers = [httpx.Response(503, json={"code": "database_unavailable"})]

    def handler(request: httpx.Request) -> httpx.Response:
        if answers:
            return answers.pop()
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="" if request.headers.get("Last-Event-ID") else line(1, "audit"))
        return httpx.Response(200, json={"state": "succeeded"})

    assert [event.seq for event in call(handler, "events", "aud_1")] == [1]


@both
def test_a_rejection_ends_following_at_once(call: Call) -> None:
    with pytest.raises(errors.NotFoundError, match="no such audit"):
        call(lambda _: httpx.Response(404, json={"detail": "no such audit"}), "events", "aud_1")


@both
def test_following_ends_after_the_time_given(call: Call) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text="")
        return httpx.Response(200, json={"state": "running"})

    with pytest.raises(errors.StillRunningError, match="aud_1 is still running"):
        call(handler, "events", "aud_1", timeout=0.01)


def test_a_reader_may_leave_a_stream_in_the_middle() -> None:
    closed: list[bool] = []

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield from (line(1).encode(), line(2).encode())

        def close(self) -> None:
            closed.append(True)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Body()))
    with Client("http://server", "exh_key", transport=transport) as client:
        events = client.events("aud_1")
        assert next(events).seq == 1
        events.close()  # type: ignore[attr-defined]
    assert closed == [True]


def audit(state: str) -> dict[str, Any]:
    plan = Plan.load(PLAN).document()
    estimate = {"seconds": 60.0, "measured": False, "identities": 2, "concludes": []}
    release = {"id": "rel_1", "version": "1", "target_id": "tgt_1", "target_name": "door"}
    nothing = dict.fromkeys(
        ("problem", "verdict", "sentence", "evidence_level", "risk", "risk_low", "risk_high", "finished_at")
    )
    return {
        **{"id": "aud_1", "project_id": "prj_1", "release": release, "plan": plan, "state": state},
        **{"estimate": estimate, "created_at": "2026-11-29T00:00:00Z"},
        **nothing,
    }


def job(state: str, done: int, seconds: float) -> dict[str, Any]:
    return {
        **{"stage": "attack", "shard": 0, "shards": 1, "state": state, "done": done, "total": 4},
        **{"estimate_seconds": seconds, "problem": None},
    }


class Waiting:
    """A server on which an audit is running, and then has succeeded."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs"):
            return httpx.Response(200, json={"items": [job("running", 1, 30), job("succeeded", 4, 10)]})
        state = self.states[0] if len(self.states) == 1 else self.states.pop(0)
        return httpx.Response(200, json=audit(state))


@both
def test_waiting_reports_the_share_of_the_work_that_is_done(call: Call) -> None:
    seen: list[Progress] = []
    done = call(Waiting("queued", "running", "succeeded"), "wait_for_audit", "aud_1", progress=seen.append)
    assert done.state == "succeeded"
    assert [one.audit.state for one in seen] == ["queued", "running", "succeeded"]
    assert [one.share for one in seen] == [pytest.approx((30 / 4 + 10) / 40)] * 2 + [1.0]
    assert seen[0].stages == ("attack",)


@both
def test_waiting_ends_after_the_time_given(call: Call) -> None:
    with pytest.raises(errors.StillRunningError, match="aud_1 is running"):
        call(Waiting("running"), "wait_for_audit", "aud_1", timeout=-1)
