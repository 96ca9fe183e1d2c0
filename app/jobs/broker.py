"""The broker: Celery settings of both sides, and the message that a job may be ready."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.embedded.broker import celery_url
from app.jobs.stages import AUDIT_STAGES, Stage
from app.settings import settings

if TYPE_CHECKING:
    from celery import Celery
    from redis import Redis

QUEUE = "exhume"  # stages of audits
# Uploads to check and files to fetch, which take minutes while somebody waits.
CHECKS = "exhume-checks"
QUEUES = (CHECKS, QUEUE)
RUN_JOB = "worker.tasks.run_job"
# Redis has no acknowledgement deadline that a worker could renew, so an older message is delivered
# again while its job still runs. The period is long because the lease of the job row, not the
# broker, detects a dead worker.
VISIBILITY_SECONDS = 12 * 3600
SOCKET = {
    "socket_timeout": 10.0,
    "socket_connect_timeout": 3.0,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


class NoBrokerError(RuntimeError):
    """`REDIS_URL` is not set."""


def configured_url() -> str:
    """Return the address of this process's Redis-protocol server as redis-py spells it."""
    url = settings().redis_url
    if url is None:
        raise NoBrokerError("REDIS_URL is not set: set it, or start everything with `exhume up`")
    return url


def celery_settings(url: str) -> dict[str, Any]:
    """Return settings shared by the worker and the senders of messages."""
    return {
        "broker_url": celery_url(url),
        "task_default_queue": QUEUE,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "broker_transport_options": {"visibility_timeout": VISIBILITY_SECONDS, **SOCKET},
        "broker_connection_timeout": 3.0,
    }


@lru_cache(maxsize=4)
def _client(url: str) -> "Celery":
    from celery import Celery

    client = Celery("exhume-client", set_as_current=False)
    client.conf.update(celery_settings(url))
    client.conf.update(task_publish_retry=False)
    return client


@lru_cache(maxsize=4)
def _redis(url: str) -> "Redis":
    from redis import Redis

    return Redis.from_url(url, socket_timeout=3.0, socket_connect_timeout=3.0)


def queue_of(stage: Stage) -> str:
    """Return the queue of a stage's messages. By default a worker reads both queues."""
    return QUEUE if stage in AUDIT_STAGES else CHECKS


def send(job_id: UUID, attempt: int, stage: Stage) -> None:
    """Tell the workers that a job may be ready.

    Raises `kombu.exceptions.OperationalError` if the broker does not answer.
    """
    name, queue = f"{job_id}:{attempt}", queue_of(stage)
    _client(configured_url()).send_task(RUN_JOB, args=[str(job_id)], task_id=name, queue=queue)


def waiting_messages() -> dict[str, int]:
    """Return the number of messages in each queue that no worker has received yet."""
    counts: dict[str, int] = {}
    for queue in QUEUES:
        count = _redis(configured_url()).llen(queue)
        assert isinstance(count, int)
        counts[queue] = count
    return counts
