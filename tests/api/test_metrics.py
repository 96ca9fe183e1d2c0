"""What Prometheus reads: requests by route, the queue, leases, stages, uploads and workers."""

import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from sqlalchemy import func, text
from sqlalchemy.exc import OperationalError

from app.db.models import Job, WorkerNode
from app.db.session import sync_session
from app.db.states import JobState
from app.kit.ids import parse_id
from app.metrics import service
from app.metrics.server import registry
from app.observability.requests import WATCHERS
from tests.api.conftest import Tenant, created


@pytest.fixture
def metrics(settings_env: dict[str, str]) -> Iterator[CollectorRegistry]:
    before = list(WATCHERS)
    yield registry()
    WATCHERS[:] = before


def job(tenant: Tenant, state: JobState, stage: str = "intake_release", **columns: object) -> UUID:
    """Add a job."""
    with sync_session() as session:
        values = {"project_id": parse_id("prj", tenant.project_id), "subject_id": uuid4(), "max_attempts": 3}
        row = Job(**values, stage=stage, state=state, **columns)
        session.add(row)
        session.flush()
        return row.id


async def test_requests_are_counted_by_route(metrics: CollectorRegistry, tenant: Tenant) -> None:
    path = f"/api/v1/projects/{tenant.project_id}"
    for _ in range(2):
        assert (await tenant.client.get(path)).status_code == 200
    await tenant.client.get("/api/v1/projects/prj_" + "0" * 32)
    await tenant.client.request("BREW", "/nothing/here")
    for labels, times in (
        (("GET", "/api/v1/projects/{project_id}", "200"), 2),
        (("GET", "/api/v1/projects/{project_id}", "404"), 1),
    ):
        found = dict(zip(("method", "route", "status"), labels, strict=True))
        assert metrics.get_sample_value("exhume_request_seconds_count", found) == times
    told = generate_latest(metrics).decode()
    assert tenant.project_id not in told
    assert "BREW" not in told
    assert "/nothing/here" not in told


async def test_the_queue_and_its_leases(metrics: CollectorRegistry, tenant: Tenant) -> None:
    now = func.now()
    job(tenant, JobState.QUEUED, created_at=now - timedelta(seconds=500))
    job(tenant, JobState.QUEUED, created_at=now - timedelta(seconds=5))
    running = {"started_at": now - timedelta(seconds=90), "lease_until": now - timedelta(seconds=30)}
    job(tenant, JobState.RUNNING, **running)
    of = {"stage": "intake_release"}
    assert metrics.get_sample_value("exhume_jobs", of | {"state": "queued"}) == 2
    assert metrics.get_sample_value("exhume_jobs", of | {"state": "running"}) == 1
    assert metrics.get_sample_value("exhume_queue_age_seconds", of) == pytest.approx(500, abs=30)
    assert metrics.get_sample_value("exhume_job_age_seconds", of) == pytest.approx(90, abs=30)
    assert metrics.get_sample_value("exhume_lease_left_seconds", of) == pytest.approx(-30, abs=30)


async def test_workers_are_wanted_for_jobs_that_run_or_could_run(metrics: CollectorRegistry, tenant: Tenant) -> None:
    assert metrics.get_sample_value("exhume_queue_jobs", {"queue": "exhume"}) == 0, "scaled to zero"
    columns = {"started_at": func.now(), "lease_until": func.now()}
    for state in (JobState.RUNNING, JobState.QUEUED):
        job(tenant, state, "intake_dataset", **columns)
        job(tenant, state, "fetch", **columns)
    assert metrics.get_sample_value("exhume_queue_jobs", {"queue": "exhume"}) == 0
    wanted = metrics.get_sample_value("exhume_queue_jobs", {"queue": "exhume-checks"})
    assert wanted == 2, "the project may run one check and one import at once"


async def test_a_finished_job_is_counted_once(metrics: CollectorRegistry, tenant: Tenant) -> None:
    of = {"stage": "score", "state": "succeeded"}
    ended = {"started_at": func.now() - timedelta(seconds=7), "finished_at": func.now()}
    job(tenant, JobState.SUCCEEDED, "score", **ended)
    assert metrics.get_sample_value("exhume_stage_seconds_count", of) is None, "it finished before the first read"
    job(tenant, JobState.SUCCEEDED, "score", **ended)
    for _ in range(2):
        assert metrics.get_sample_value("exhume_stage_seconds_count", of) == 1
    assert metrics.get_sample_value("exhume_stage_seconds_sum", of) == pytest.approx(7, abs=0.1)


async def test_uploads_workers_and_gpus(metrics: CollectorRegistry, tenant: Tenant) -> None:
    gpu = {"index": 0, "utilisation": 0.5, "memory_used_bytes": 1024, "memory_bytes": 4096}
    with sync_session() as session:
        session.add(WorkerNode(name="w1", hardware={"gpus": [gpu]}))
        session.add(WorkerNode(name="gone", hardware={}, seen_at=func.now() - timedelta(minutes=5)))
    dataset = await created(
        tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "faces", "role": "public"}
    )
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    answer = await tenant.client.post(f"/api/v1/datasets/{dataset['id']}/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    assert metrics.get_sample_value("exhume_uploads", {"state": "receiving"}) == 1
    assert metrics.get_sample_value("exhume_workers") == 1
    assert metrics.get_sample_value("exhume_gpu_utilisation_ratio", {"worker": "w1", "gpu": "0"}) == 0.5
    assert metrics.get_sample_value("exhume_scheduler_active") == 0
    with sync_session() as session:
        session.execute(text("SELECT pg_advisory_lock(:key)"), {"key": service.SCHEDULER_LOCK})
        assert metrics.get_sample_value("exhume_scheduler_active") == 1
        session.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": service.SCHEDULER_LOCK})


async def test_metrics_are_served_without_a_key_and_without_a_database(
    metrics: CollectorRegistry, anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, thread = start_http_server(0, "127.0.0.1", metrics)
    address = f"http://127.0.0.1:{server.server_port}/metrics"
    try:
        assert "exhume_database_up 1.0" in read(address)
        monkeypatch.setattr(service, "sync_session", away)
        assert "exhume_database_up 0.0" in read(address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def away() -> None:
    """Fail as SQLAlchemy does while the database is gone."""
    raise OperationalError("SELECT 1", None, ConnectionRefusedError())


def read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())
