"""Limits of a project: shown with what is used, set by the operator, and kept."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.auth import request_rate
from app.auth.bootstrap import create_admin_key
from app.contract.exit_codes import Exit
from app.db.session import sync_session
from app.jobs import broker
from app.settings import settings
from tests.api import seeds
from tests.api.command_line import CommandLine
from tests.api.conftest import Tenant, created, problem
from tests.worker.rows import set_job


@pytest.fixture(autouse=True)
def no_windows() -> Iterator[None]:
    request_rate._windows.clear()
    yield
    request_rate._windows.clear()


async def set_limits(admin: httpx.AsyncClient, project_id: str, **values: Any) -> dict[str, Any]:
    answer = await admin.put(f"/api/v1/projects/{project_id}/limits", json=values)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_operator_sets_limits_and_the_project_reads_them(
    tenant: Tenant, stranger: Tenant, admin: httpx.AsyncClient
) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/limits"
    before = (await tenant.client.get(path)).json()
    assert before["limits"]["running_checks"] == 1
    assert before["limits"]["processor_seconds"] is None
    assert before["set_by"] is None
    found = await set_limits(admin, tenant.project_id, weight=2.5, open_jobs=7)
    assert (found["limits"]["weight"], found["limits"]["open_jobs"]) == (2.5, 7)
    assert found["limits"]["running_jobs"] == before["limits"]["running_jobs"]
    assert (await tenant.client.get(path)).json() == found
    problem(await tenant.client.put(path, json={"open_jobs": 10**6}), 403, "operator_only")
    problem(await stranger.client.get(path), 404, "no_such_project")
    problem(await admin.put(path, json={"weight": 0}), 422, "invalid_request")
    found = await set_limits(admin, tenant.project_id)
    assert found["limits"] == before["limits"]
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [entry["action"] for entry in log][:2] == ["project.limits_changed"] * 2


async def test_the_command_line_changes_what_is_named_and_rejects_what_is_no_number(
    tenant: Tenant, transport: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sync_session() as session:
        exhume = CommandLine(transport, monkeypatch, create_admin_key(session, "terminal"))
    limits = ("project", "limits", "--project", tenant.project_id)
    assert "no limit" in await exhume(*limits)
    shown = (await exhume(*limits, "--set", "weight=2.5", "--set", "open_jobs=7")).split()
    assert ("2.5" in shown, "7" in shown) == (True, True)
    for wrong in ("weight", "open_jobs=seven", "open_jobs=inf", "=3"):
        refused = await exhume.run(*limits, "--set", wrong)
        assert refused.exit_code == Exit.USAGE, refused.stderr
        assert "NAME=NUMBER" in refused.stderr
    assert (await exhume.run(*limits, "--set", "wages=3")).exit_code == Exit.USAGE
    kept = (await exhume(*limits, "--set", "weight=")).split()
    assert ("2.5" in kept, "7" in kept) == (False, True)


async def audit_body(tenant: Tenant, release: dict[str, Any]) -> dict[str, Any]:
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "p", "role": "public"})
    private = await created(tenant.client, path, {"name": "q", "role": "private"})
    seeds.make_ready(release["id"], public["id"], private["id"])
    return {
        "release_id": release["id"],
        "public_dataset_id": public["id"],
        "private_dataset_id": private["id"],
        "rights": seeds.RIGHTS,
    }


async def test_no_audit_begins_beyond_the_limits(
    tenant: Tenant, release: dict[str, Any], admin: httpx.AsyncClient
) -> None:
    body = await audit_body(tenant, release)
    path = f"/projects/{tenant.project_id}/audits"
    audit = await created(tenant.client, path, body)
    used = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/limits")).json()["used"]
    assert used["open_jobs"] > 5
    await set_limits(admin, tenant.project_id, open_jobs=used["open_jobs"])
    answer = problem(await tenant.client.post(f"/api/v1{path}", json=body), 429, "too_many_jobs")
    assert f"{used['open_jobs']:,} unfinished jobs" in answer["detail"]
    await set_limits(admin, tenant.project_id, processor_seconds=60)
    assert (await tenant.client.post(f"/api/v1{path}", json=body)).status_code == 201
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    set_job(seeds.uuid_of(jobs[0]["id"]), state="succeeded", **worked(61))
    problem(await tenant.client.post(f"/api/v1{path}", json=body), 429, "budget_spent")
    used = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/limits")).json()["used"]
    assert (used["processor_seconds"], used["device_seconds"]) == (pytest.approx(61, abs=1), 0)


async def test_seconds_on_workers_with_a_gpu_have_a_limit_of_their_own(
    tenant: Tenant, release: dict[str, Any], admin: httpx.AsyncClient
) -> None:
    body = await audit_body(tenant, release)
    path = f"/projects/{tenant.project_id}/audits"
    audit = await created(tenant.client, path, body)
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    await set_limits(admin, tenant.project_id, device_seconds=60)
    set_job(seeds.uuid_of(jobs[0]["id"]), state="succeeded", device="cpu", **worked(600))
    assert (await tenant.client.post(f"/api/v1{path}", json=body)).status_code == 201
    set_job(seeds.uuid_of(jobs[1]["id"]), state="succeeded", device="cuda", **worked(61))
    answer = problem(await tenant.client.post(f"/api/v1{path}", json=body), 429, "budget_spent")
    assert "61 of 60 seconds of workers with a GPU" in answer["detail"]
    used = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/limits")).json()["used"]
    assert (used["processor_seconds"], used["device_seconds"]) == pytest.approx((661, 61), abs=1)


def worked(seconds: float) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"started_at": now - timedelta(seconds=seconds), "finished_at": now}


async def test_answers_say_how_many_requests_are_left(
    tenant: Tenant, stranger: Tenant, admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_limits(admin, tenant.project_id, requests_per_minute=4)
    request_rate._windows.clear()
    monkeypatch.setattr(time, "time", lambda: 1_000_000_030.0)  # ten seconds of this minute are over
    path = f"/api/v1/projects/{tenant.project_id}"
    left = []
    for _ in range(4):
        answer = await tenant.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-limit"] == "4"
        left.append(int(answer.headers["ratelimit-remaining"]))
    assert left == [3, 2, 1, 0]
    answer = await tenant.client.get(path)
    assert "4 requests" in problem(answer, 429, "too_many_requests")["detail"]
    assert answer.headers["retry-after"] == answer.headers["ratelimit-reset"] == "50"
    assert (await stranger.client.get(f"/api/v1/projects/{stranger.project_id}")).status_code == 200
    unlimited = await admin.get(path)
    assert "ratelimit-limit" not in unlimited.headers
    monkeypatch.setattr(time, "time", lambda: 1_000_000_090.0)
    assert (await tenant.client.get(path)).headers["ratelimit-remaining"] == "3"


async def test_processes_share_their_counts_and_count_alone_without_a_broker(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_requests_per_minute", 100)
    monkeypatch.setattr(request_rate, "SHARED_SECONDS", 0.0)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    path = f"/api/v1/projects/{tenant.project_id}"
    first = int((await tenant.client.get(path)).headers["ratelimit-remaining"])
    request_rate._windows.clear()  # like another process
    assert int((await tenant.client.get(path)).headers["ratelimit-remaining"]) == first - 1

    def gone() -> str:
        raise broker.NoBrokerError("gone")

    monkeypatch.setattr("app.jobs.valkey.configured_url", gone)
    assert int((await tenant.client.get(path)).headers["ratelimit-remaining"]) == first - 2
