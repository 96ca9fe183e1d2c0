"""The place of an audit in the queue: who is ahead, and when it begins."""

from collections.abc import Callable
from functools import partial
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlalchemy.pool import QueuePool

from app.audits import queue
from app.db.models import Audit, Job, WorkerNode
from app.db.session import async_engine, configured_url, sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_audits import body, request_of, start  # noqa: F401 - `body` is a fixture


async def test_the_place_in_the_queue_counts_audits_of_others_and_names_none(
    tenant: Tenant,
    stranger: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    theirs = (await start(stranger, await request_of(stranger))).json()
    ours, later = [(await start(tenant, body)).json() for _ in range(2)]
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"queues": ["exhume"]}))
        running = update(Job).where(Job.audit_id == seeds.uuid_of(theirs["id"]), Job.stage == "references")
        session.execute(running.values(state="running", worker="w1", started_at=func.now(), estimate_seconds=600))
        known = update(Job).where(Job.audit_id == seeds.uuid_of(ours["id"]))
        session.execute(known.values(estimate_seconds=10))
    first, second = [(await tenant.client.get(f"/api/v1/audits/{one['id']}/queue")).json() for one in (ours, later)]
    assert (first["ahead"], first["elsewhere"], first["workers"]) == (1, 1, 1)
    assert first["starts_in_seconds"] == pytest.approx(600, abs=5)
    assert (second["ahead"], second["elsewhere"]) == (2, 1)
    assert second["starts_in_seconds"] > first["starts_in_seconds"]
    estimate = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    asked = {name: value for name, value in body.items() if name != "rights"}
    before = (await tenant.client.post(estimate, json=asked)).json()["queue"]
    assert (before["ahead"], before["elsewhere"], before["workers"]) == (3, 1, 1)
    assert before["starts_in_seconds"] > second["starts_in_seconds"]
    assert ours["estimate"]["queue"] is None
    problem(await stranger.client.get(f"/api/v1/audits/{ours['id']}/queue"), 404, "no_such_audit")
    assert (await stranger.client.get(f"/api/v1/audits/{theirs['id']}/queue")).json()["starts_in_seconds"] == 0
    with sync_session() as session:
        gone = update(Audit).where(Audit.id == seeds.uuid_of(ours["id"]))
        session.execute(gone.values(state="cancelled", finished_at=func.now()))
    ended = (await tenant.client.get(f"/api/v1/audits/{ours['id']}/queue")).json()
    assert ended == {"ahead": 0, "elsewhere": 0, "starts_in_seconds": None, "workers": 1}


async def test_the_queue_is_read_and_played_beside_other_requests(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[int] = []
    held: list[int] = []
    pool = async_engine(configured_url()).pool
    assert isinstance(pool, QueuePool)

    def watched(real: Callable[..., Any], *given: Any) -> Any:
        threads.append(get_ident())
        held.append(pool.checkedout())
        return real(*given)

    for name in ("unfinished", "place"):
        monkeypatch.setattr(queue, name, partial(watched, getattr(queue, name)))
    asked = {name: value for name, value in body.items() if name != "rights"}
    found = await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/audits/estimate", json=asked)
    assert found.json()["queue"]["workers"] == 0
    made = (await start(tenant, body)).json()
    assert (await tenant.client.get(f"/api/v1/audits/{made['id']}/queue")).json()["workers"] == 0
    assert len(threads) == 4
    assert get_ident() not in threads
    assert held == [0] * 4, "a forecast that waits for others holds no connection"
