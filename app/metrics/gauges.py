"""The state of queue, leases, uploads, deliveries and workers, read from the database."""

from collections.abc import Iterator, Sequence
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.db.states import JobState
from app.jobs.broker import QUEUES, queue_of
from app.jobs.fairness import may_run
from app.jobs.stages import Stage

Sample = tuple[tuple[str, ...], float]

OPEN_JOBS = text("SELECT stage, state, count(*) FROM job WHERE state IN ('queued', 'running') GROUP BY stage, state")
QUEUE_AGE = text("""
    SELECT waiting.stage, max(extract(epoch FROM now() - greatest(waiting.created_at, before.finished_at)))
    FROM job waiting
    LEFT JOIN (
        SELECT audit_id, max(finished_at) AS finished_at FROM job
        WHERE audit_id IN (SELECT audit_id FROM job WHERE state = 'queued') GROUP BY audit_id
    ) before ON before.audit_id = waiting.audit_id
    WHERE waiting.state = 'queued' GROUP BY waiting.stage
""")
"""A job waits from its creation, or from the end of the job that it waited for."""
LEASES = text("""
    SELECT stage, max(extract(epoch FROM now() - started_at)), min(extract(epoch FROM lease_until - now()))
    FROM job WHERE state = 'running' GROUP BY stage
""")
UPLOADS = text("SELECT state, count(*), coalesce(sum(received), 0) FROM upload GROUP BY state")
DELIVERIES = text("""
    SELECT count(*), coalesce(max(extract(epoch FROM now() - next_at)), 0)
    FROM webhook_delivery WHERE state = 'pending'
""")
WORKERS = text("""
    SELECT name, hardware FROM worker_node WHERE seen_at > now() - interval '60 seconds'
""")
SCHEDULER = text("""
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = :high AND objid = :low AND objsubid = 1
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
SIZE = text("SELECT pg_database_size(current_database())")


def jobs(session: Session) -> Iterator[GaugeMetricFamily]:
    """Return the open jobs, how long the oldest has waited, and the leases of running ones."""
    counted = [((stage, state), float(count)) for stage, state, count in session.execute(OPEN_JOBS)]
    yield gauge("exhume_jobs", "Jobs that are queued or running.", ("stage", "state"), counted)
    ages = [((stage,), max(float(age), 0.0)) for stage, age in session.execute(QUEUE_AGE)]
    yield gauge("exhume_queue_age_seconds", "Seconds that the oldest queued job has waited.", ("stage",), ages)
    running = dict.fromkeys(QUEUES, 0.0)
    for (stage, state), count in counted:
        running[queue_of(Stage(stage))] += count if state == JobState.RUNNING else 0.0
    wanted = [((queue,), count + ready(session, queue)) for queue, count in running.items()]
    yield gauge("exhume_queue_jobs", "Jobs that run, or could run if there were workers.", ("queue",), wanted)
    leases = session.execute(LEASES).all()
    oldest = [((stage,), float(age)) for stage, age, _ in leases]
    yield gauge("exhume_job_age_seconds", "Seconds since the oldest running job began.", ("stage",), oldest)
    left = [((stage,), float(seconds)) for stage, _, seconds in leases if seconds is not None]
    about = "Seconds until the first lease of a running job ends. Negative: its worker is gone."
    yield gauge("exhume_lease_left_seconds", about, ("stage",), left)


def ready(session: Session, queue: str) -> float:
    """Return the number of jobs of a queue that wait for a worker and for nothing else."""
    stages = tuple(stage for stage in Stage if queue_of(stage) == queue)
    return float(session.execute(select(func.count()).select_from(may_run(stages).subquery())).scalar_one())


def uploads(session: Session) -> Iterator[GaugeMetricFamily]:
    """Return the uploads of the last days by state, and the bytes received for them."""
    rows = session.execute(UPLOADS).all()
    counted = [((state,), float(count)) for state, count, _ in rows]
    yield gauge("exhume_uploads", "Uploads and imports of the last days.", ("state",), counted)
    received = [((state,), float(size)) for state, _, size in rows]
    yield gauge("exhume_upload_received_bytes", "Bytes received for them.", ("state",), received)


def deliveries(session: Session) -> Iterator[GaugeMetricFamily]:
    """Return the events that are still to be sent to webhooks, and how late the oldest is."""
    count, late = session.execute(DELIVERIES).one()
    yield gauge("exhume_deliveries_pending", "Events to be sent to webhooks.", (), [((), float(count))])
    about = "Seconds for which the oldest of them is overdue."
    yield gauge("exhume_deliveries_late_seconds", about, (), [((), max(float(late), 0.0))])


def workers(session: Session) -> Iterator[GaugeMetricFamily]:
    """Return the workers seen within a minute, and what their GPUs do."""
    nodes = session.execute(WORKERS).all()
    yield gauge("exhume_workers", "Workers seen within a minute.", (), [((), float(len(nodes)))])
    gpus = [((name, str(one["index"])), one) for name, hardware in nodes for one in hardware.get("gpus", [])]
    for field, metric, about in GPU_FIGURES:
        samples = [(labels, float(one[field])) for labels, one in gpus if one.get(field) is not None]
        yield gauge(metric, about, ("worker", "gpu"), samples)


GPU_FIGURES = (
    ("utilisation", "exhume_gpu_utilisation_ratio", "Share of the last moments in which the GPU computed."),
    ("memory_used_bytes", "exhume_gpu_memory_used_bytes", "Memory of the GPU in use."),
    ("memory_bytes", "exhume_gpu_memory_bytes", "Memory of the GPU."),
    ("temperature", "exhume_gpu_temperature_celsius", "Temperature of the GPU."),
)


def gauge(name: str, about: str, labels: tuple[str, ...], samples: Sequence[Sample]) -> GaugeMetricFamily:
    """Return a metric with these samples."""
    family: Any = GaugeMetricFamily(name, about, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family  # type: ignore[no-any-return]
