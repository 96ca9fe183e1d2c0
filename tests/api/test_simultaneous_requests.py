"""Requests that look first and then store end in 409 where another one was faster."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import anyio.to_thread
import httpx
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.session import configured_url, sync_engine, sync_session
from tests.api.conftest import Tenant, problem
from tests.api.gated import line
from tests.api.people import PASSWORD, Somebody, invited, join, new_browser
from tests.api.seeds import uuid_of
from tests.api.test_people import acme, dana  # noqa: F401 - fixtures of an organisation and its administrator

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
Answer = Coroutine[Any, Any, httpx.Response]


async def overtaken(statement: str, values: dict[str, Any], *requests: Answer) -> list[httpx.Response]:
    """Send requests that cannot see yet what another transaction has done, and wait for it."""
    with Session(sync_engine(configured_url())) as other:
        other.execute(text(statement), values)
        tasks = [asyncio.create_task(one) for one in requests]
        await anyio.to_thread.run_sync(until_waiting, len(tasks))
        other.commit()
    return await asyncio.gather(*tasks)


def until_waiting(number: int) -> None:
    """Return once this many transactions wait for a lock."""
    end = time.monotonic() + 10
    while True:
        with sync_session() as session:
            if session.execute(text(WAITING)).scalar_one() >= number:
                return
        assert time.monotonic() < end, "no request waits"
        time.sleep(0.01)


async def test_two_default_policies(tenant: Tenant) -> None:
    of = await line(tenant)
    first, second = [await of.policy(name) for name in ("first", "second")]
    statement, path = "UPDATE policy SET default_since = now() WHERE id = :id", f"/projects/{tenant.project_id}/policy"
    request = tenant.client.put(f"/api/v1{path}", json={"policy_id": second["id"]})
    (answer,) = await overtaken(statement, {"id": uuid_of(first["id"])}, request)
    problem(answer, 409, "changed_meanwhile")
    assert (await of.get(path))["policy_id"] == first["id"]


async def test_the_first_limits_of_a_project(admin: httpx.AsyncClient, tenant: Tenant) -> None:
    statement = "INSERT INTO project_limit (project_id, updated_by) VALUES (:id, 'another request')"
    request = admin.put(f"/api/v1/projects/{tenant.project_id}/limits", json={"open_jobs": 5})
    (answer,) = await overtaken(statement, {"id": uuid_of(tenant.project_id)}, request)
    problem(answer, 409, "changed_meanwhile")


async def test_two_accounts_with_an_address(
    transport: httpx.ASGITransport,
    dana: Somebody,  # noqa: F811
    acme: str,  # noqa: F811
) -> None:
    token = await invited(dana.browser, acme, "eve@acme.example", "viewer")
    statement = "INSERT INTO person (email, name) VALUES ('eve@acme.example', 'Eve')"
    body = {"token": token, "name": "Eve", "password": PASSWORD}
    request = new_browser(transport).post("/api/v1/invitations/accept", json=body)
    (answer,) = await overtaken(statement, {}, request)
    problem(answer, 409, "changed_meanwhile")


async def test_two_administrators_do_not_leave_at_the_same_time(
    transport: httpx.ASGITransport,
    dana: Somebody,  # noqa: F811
    acme: str,  # noqa: F811
) -> None:
    eve = await join(transport, dana.browser, acme, "eve@acme.example", "administrator")
    found = (await dana.browser.get(f"/api/v1/organisations/{acme}/members")).json()["items"]
    paths = {one["person_id"]: f"/api/v1/members/{one['id']}" for one in found}
    requests = [one.browser.patch(paths[one.id], json={"role": "viewer"}) for one in (dana, eve)]
    answers = await overtaken("LOCK TABLE audit_log_entry IN EXCLUSIVE MODE", {}, *requests)
    assert sorted(one.status_code for one in answers) == [200, 409]
    problem(max(answers, key=lambda one: one.status_code), 409, "last_administrator")


async def test_a_policy_is_not_deleted_while_it_is_assigned(tenant: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    await of.assign(None)
    statement = "UPDATE target SET policy_id = :policy WHERE id = :target"
    values = {"policy": uuid_of(made["id"]), "target": uuid_of(of.target)}
    (answer,) = await overtaken(statement, values, tenant.client.delete(f"/api/v1/policies/{made['id']}"))
    problem(answer, 409, "policy_in_use")
