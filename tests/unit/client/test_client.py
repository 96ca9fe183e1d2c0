"""The HTTP client: problems become exceptions, requests are retried, streams resume."""

import json
from collections.abc import Callable

import httpx
import pytest

from app.client import ApiError, Client, UnreachableError, follow, http
from app.client import events as events_module

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler) -> Client:
    return Client("http://server", "exh_key", transport=httpx.MockTransport(handler))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "RETRY_SECONDS", (0.0, 0.0))
    monkeypatch.setattr(events_module, "RECONNECT_SECONDS", 0.0)


def test_a_problem_becomes_an_exception_with_its_code_and_single_errors() -> None:
    problem = {"code": "unknown_architecture", "detail": "no such", "errors": [{"detail": "did you mean resnet18"}]}
    with pytest.raises(ApiError) as caught:
        client(lambda _: httpx.Response(422, json=problem)).post("/targets/t/releases", {})
    assert (caught.value.status, caught.value.code, caught.value.errors) == (
        422,
        "unknown_architecture",
        problem["errors"],
    )


def test_an_answer_that_is_not_a_problem_still_says_something() -> None:
    with pytest.raises(ApiError, match="proxy says no"):
        client(lambda _: httpx.Response(502, text="proxy says no")).get("/projects")


def test_a_restarting_server_is_asked_again_with_the_same_idempotency_key() -> None:
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ConnectError("refused")
        return httpx.Response(201, json={"id": "prj_1"})

    assert client(handler).post("/projects", {"name": "a"}) == {"id": "prj_1"}
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_server_that_stays_away_is_named_with_what_to_do() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(UnreachableError, match="exhume up"):
        client(handler).get("/projects")


def test_lists_are_read_page_after_page() -> None:
    pages = {None: (["a", "b"], "2"), "2": (["c"], None)}

    def handler(request: httpx.Request) -> httpx.Response:
        names, cursor = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json={"items": [{"name": n} for n in names], "next_cursor": cursor})

    assert [item["name"] for item in client(handler).items("/projects")] == ["a", "b", "c"]


def test_a_broken_event_stream_resumes_after_the_last_event_seen() -> None:
    def line(seq: int) -> str:
        body = {"seq": seq, "kind": "progress", "at": "2026-01-01T00:00:00Z", "payload": {"done": seq}}
        return f"id: {seq}\nevent: progress\ndata: {json.dumps(body)}\n\n"

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

    assert [event.seq for event in follow(client(handler), "aud_1")] == [1, 2, 3]
    assert asked == [None, "2", "2", "3"]


def test_an_api_that_waits_for_its_database_is_asked_again() -> None:
    answers = [httpx.Response(503, json={"code": "database_unavailable"}), httpx.Response(200, json={"id": "prj_1"})]
    assert client(lambda _: answers.pop(0)).get("/projects/prj_1") == {"id": "prj_1"}


def test_an_audit_is_followed_through_a_restart_of_the_database() -> None:
    body = {"seq": 1, "kind": "audit", "at": "2026-01-01T00:00:00Z", "payload": {"state": "succeeded"}}
    answers = [httpx.Response(503, json={"code": "database_unavailable"})]

    def handler(request: httpx.Request) -> httpx.Response:
        if answers:
            return answers.pop()
        if request.url.path.endswith("/events"):
            after = request.headers.get("Last-Event-ID")
            return httpx.Response(200, text="" if after else f"data: {json.dumps(body)}\n\n")
        return httpx.Response(200, json={"state": "succeeded"})

    assert [event.seq for event in follow(client(handler), "aud_1")] == [1]


def test_a_refusal_ends_following_at_once() -> None:
    with pytest.raises(ApiError, match="no such audit"):
        list(follow(client(lambda _: httpx.Response(404, json={"detail": "no such audit"})), "aud_1"))
