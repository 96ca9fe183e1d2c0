"""The broker: how Celery is set up on both sides, and how "job N may be ready" is said to it."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.embedded.broker import celery_url
from app.settings import settings

if TYPE_CHECKING:
    from celery import Celery
    from redis import Redis

QUEUE = "exhume"
RUN_JOB = "worker.tasks.run_job"
# Redis has no acknowledgement deadline that a worker could renew: a message older than this is delivered again
# while its job still runs. Long, because the lease of the job row, not the broker, notices a dead worker.
VISIBILITY_SECONDS = 12 * 3600
SOCKET = {
    "socket_timeout": 10.0,
    "socket_connect_timeout": 3.0,
    "socket_keepalive": True,
    "health_check_interval": 10,
}


class NoBrokerError(RuntimeError):
    """No `REDIS_URL`, and no embedded server was started in this process's environment."""


def configured_url() -> str:
    """The Redis-protocol server of this process, as redis-py spells it."""
    url = settings().redis_url
    if url is None:
        raise NoBrokerError("REDIS_URL is not set; start everything with `exhume up`, or set it")
    return url


def celery_settings(url: str) -> dict[str, Any]:
    """Settings shared by the worker and by whoever sends messages."""
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


def send(job_id: UUID, attempt: int) -> None:
    """Tell the workers that a job may be ready. Raises `kombu.exceptions.OperationalError` if the broker is away."""
    _client(configured_url()).send_task(RUN_JOB, args=[str(job_id)], task_id=f"{job_id}:{attempt}", queue=QUEUE)


def waiting_messages() -> int:
    """Messages in the queue that no worker has taken yet."""
    count = _redis(configured_url()).llen(QUEUE)
    assert isinstance(count, int)
    return count
