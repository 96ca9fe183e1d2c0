# ruff: noqa: F811 - the fixtures `acme` and `dana`
"""Passwords that are hashed or checked: what a request holds meanwhile, and what may change."""

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.pool import QueuePool

from app.auth import passwords
from app.db.models import BrowserSession, Person
from app.db.session import async_engine, configured_url, sync_session
from tests.api.conftest import problem
from tests.api.people import PASSWORD, SESSION, Somebody, invited, new_browser
from tests.api.test_people import DANA, acme, dana  # noqa: F401 - `acme` and `dana` are fixtures


async def test_sign_ins_that_wait_for_a_hash_hold_no_connection(
    transport: httpx.ASGITransport, dana: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[object] = []

    async def matches(password: str, stored: str | None) -> bool:
        pool = async_engine(configured_url()).pool
        assert isinstance(pool, QueuePool)
        held.append(pool.checkedout())
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    async with new_browser(transport) as browser:
        problem(await browser.post(SESSION, json={"email": DANA, "password": PASSWORD}), 401, "bad_password")
    assert held == [0]


async def test_an_account_whose_password_is_hashed_or_checked_holds_no_connection(
    transport: httpx.ASGITransport, dana: Somebody, acme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await invited(dana.browser, acme, "eve@acme.example", "viewer")
    pool = async_engine(configured_url()).pool
    assert isinstance(pool, QueuePool)
    held: list[int] = []

    async def watched(real: Callable[..., Any], *given: Any) -> Any:
        held.append(pool.checkedout())
        return await real(*given)

    for name in ("matches", "hashed"):
        monkeypatch.setattr(passwords, name, partial(watched, getattr(passwords, name)))
    assert (await dana.browser.post("/api/v1/me/second-factor", json={"password": PASSWORD})).status_code == 200
    changed = {"current": PASSWORD, "new": "another long password"}
    assert (await dana.browser.put("/api/v1/me/password", json=changed)).status_code == 204
    async with new_browser(transport) as browser:
        body = {"token": token, "name": "Eve", "password": PASSWORD}
        assert (await browser.post("/api/v1/invitations/accept", json=body)).status_code == 200
    assert held == [0] * 4


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (update(Person).values(password_hash="another"), 403, "wrong_password"),
        (delete(BrowserSession), 401, "session_ended"),
    ],
)
async def test_a_password_is_not_set_after_another_change_during_its_hash(
    dana: Somebody, monkeypatch: pytest.MonkeyPatch, change: Any, status: int, code: str
) -> None:
    async def hashed(password: str) -> str:
        with sync_session() as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))  # fails where the request holds the account
            session.execute(change)
        return "late"

    monkeypatch.setattr(passwords, "hashed", hashed)
    body = {"current": PASSWORD, "new": "another long password"}
    problem(await dana.browser.put("/api/v1/me/password", json=body), status, code)
    with sync_session() as session:
        assert session.scalars(select(Person.password_hash)).one() != "late"
