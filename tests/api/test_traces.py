"""A job belongs to the trace of the request that made it, and no span holds a query."""

import shlex
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select

from app.db.models import Job
from app.db.session import sync_session
from app.jobs.leases import claim
from app.observability import traces
from app.observability.traces import provider, span_of_job, traceparent
from tests.api.conftest import Tenant, created
from tests.api.scheduled import request_of


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    made: Any = provider("tests", exporter)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", made)
    yield exporter
    made.shutdown()


async def test_the_stages_of_an_audit_belong_to_the_request(spans: InMemorySpanExporter, tenant: Tenant) -> None:
    schedule = await request_of(tenant)
    releases = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/releases")).json()["items"]
    body = schedule["audit"] | {"release_id": releases[0]["id"]}
    await created(tenant.client, f"/projects/{tenant.project_id}/audits?purpose=Ada", body)
    with sync_session() as session:
        job = session.scalars(select(Job).where(Job.stage == "references")).one()
        held = claim(session, job.id, worker="w", lease_seconds=60)
    assert held is not None
    with span_of_job(held.stage, held.traceparent, {"exhume.attempt": held.attempt}):
        pass
    found = {span.name: span for span in spans.get_finished_spans()}
    request = found["POST /api/v1/projects/{project_id}/audits"]
    stage = found["job references"]
    assert stage.context.trace_id == request.context.trace_id
    assert stage.parent is not None
    assert stage.attributes == {"exhume.attempt": 1}
    assert "Ada" not in "".join(span.to_json() for span in found.values())


def test_without_a_provider_there_is_no_context() -> None:
    assert traceparent() is None
    with span_of_job("score", None, {}):
        assert traceparent() is None


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.setattr(traces.log, "warning", lambda event, **more: said.append(more), raising=False)
    traces.configure_traces("api")
    assert said == [{"fix": f"{shlex.quote(sys.executable)} -m pip install 'exhume[otel]'"}]
