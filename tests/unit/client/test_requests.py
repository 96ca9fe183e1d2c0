"""Requests of both clients: problems become exceptions, and what may pass is sent again."""

import inspect
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import exhume
from exhume import AsyncClient, Client, Retries, errors
from exhume.retries import retry_after
from tests.unit.client.both import BOTH, Call

both = pytest.mark.parametrize("call", BOTH)


def test_the_two_clients_have_the_same_methods() -> None:
    def described(client: type) -> dict[str, list[str]]:
        methods = {name: one for name, one in inspect.getmembers(client, callable) if not name.startswith("_")}
        return {name: list(inspect.signature(one).parameters) for name, one in methods.items()}

    assert described(Client) == described(AsyncClient)
    assert len(described(Client)) >= 30


def test_everything_that_is_public_is_described() -> None:
    public = [getattr(exhume, name) for name in exhume.__all__]
    methods = [one for name, one in inspect.getmembers(Client, callable) if not name.startswith("_")]
    assert [one for one in (*public, *methods) if not inspect.getdoc(one)] == []


@both
@pytest.mark.parametrize("status", [*sorted(errors.BY_STATUS.keys() - {429}), 418, 500])
def test_a_problem_becomes_an_exception_of_its_status(call: Call, status: int) -> None:
    problem = {"code": "unknown_architecture", "detail": "no such", "errors": [{"detail": "did you mean resnet18"}]}
    expected = {418: errors.ApiError, 500: errors.ServerError}.get(status) or errors.BY_STATUS[status]
    with pytest.raises(errors.ApiError) as caught:
        call(lambda _: httpx.Response(status, json=problem), "post", "/targets/t/releases", {})
    assert type(caught.value) is expected
    assert (caught.value.status, caught.value.code) == (status, "unknown_architecture")
    assert (caught.value.detail, caught.value.errors) == ("no such", problem["errors"])


@both
@pytest.mark.parametrize("body", ["proxy says no", '["proxy says no"]'])
def test_an_answer_that_is_not_a_problem_still_says_something(call: Call, body: str) -> None:
    with pytest.raises(errors.ApiError, match="proxy says no"):
        call(lambda _: httpx.Response(403, text=body), "get", "/projects")


@both
@pytest.mark.parametrize("first", [429, 502, 503, 504, None])
def test_a_passing_failure_is_retried_with_the_same_idempotency_key(call: Call, first: int | None) -> None:
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) > 1:
            return httpx.Response(201, json={"id": "prj_1"})
        if first is None:
            raise httpx.ReadError("the answer was lost")
        return httpx.Response(first, text="later")

    assert call(handler, "post", "/projects", {"name": "a"}) == {"id": "prj_1"}
    assert len(keys) == 2
    assert len(set(keys)) == 1


@both
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_what_would_fail_again_is_sent_once(call: Call, status: int) -> None:
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return httpx.Response(status, json={"detail": "no"})

    with pytest.raises(errors.ApiError):
        call(handler, "post", "/projects", {"name": "a"})
    assert sent == ["POST"]


@both
@pytest.mark.parametrize("status", [502, None])
def test_a_server_that_stays_away_is_named_with_what_to_do(call: Call, status: int | None) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        if status is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, text="bad gateway")

    with pytest.raises(errors.UnreachableError, match=r"http://server does not answer: .*`exhume up` starts it"):
        call(handler, "get", "/projects")


@both
def test_a_limit_of_requests_that_lasts_is_raised_as_one(call: Call) -> None:
    with pytest.raises(errors.RateLimitedError, match="slow down"):
        call(lambda _: httpx.Response(429, json={"detail": "slow down"}), "get", "/projects")


@both
def test_lists_are_read_page_after_page(call: Call) -> None:
    pages: dict[str | None, tuple[list[str], str | None]] = {None: (["a", "b"], "2"), "2": (["c"], None)}

    def handler(request: httpx.Request) -> httpx.Response:
        names, cursor = pages[request.url.params.get("cursor")]
        created = "2026-11-29T00:00:00Z"
        rows = [{"id": f"prj_{n}", "name": n, "created_at": created, "newer": 1} for n in names]
        return httpx.Response(200, json={"items": rows, "next_cursor": cursor})

    assert [item["name"] for item in call(handler, "items", "/projects")] == ["a", "b", "c"]
    assert [project.name for project in call(handler, "projects")] == ["a", "b", "c"]


def test_the_wait_asked_for_replaces_the_pause_and_has_an_end() -> None:
    retries = Retries(pauses=(1.0, 2.0), longest=30)
    lost = httpx.ReadError("lost")
    asked: dict[str, Any] = {"status": 503, "problem": {}}
    assert 0.75 <= (retries.wait(0, lost) or 0) <= 1
    assert 1.5 <= (retries.wait(1, lost) or 0) <= 2
    assert retries.wait(2, lost) is None
    assert retries.wait(0, errors.error_of(**asked, retry_after=7)) == 7
    assert retries.wait(0, errors.error_of(**asked, retry_after=31)) is None
    assert retries.wait(0, errors.error_of(404, {})) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("12", 12),
        ("Sun, 29 Nov 2026 07:00:30 GMT", 30),
        ("Sun, 29 Nov 2026 06:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_a_wait_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 11, 29, 7, tzinfo=UTC)) == seconds
