"""A process in which a CUDA graph could not be recorded runs no further job."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from billiard.einfo import ExceptionInfo
from billiard.exceptions import WorkerLostError
from kombu import Connection

from app.embedded.broker import celery_url
from app.jobs import broker
from app.jobs.stages import Stage
from worker import lifecycle
from worker.evidence import recording
from worker.runtime import alone

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    lifecycle._spent.clear()


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("raises", [True, False])
def test_a_process_whose_recording_failed_ends_after_its_job(
    fails: bool, raises: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the job fails, as one does that runs out of memory in a recording."""
    from worker import tasks  # the application needs the address of a broker

    done = []

    def job(_: object) -> None:
        try:
            with recording.recording("cuda") as graphs:
                assert graphs is not None
                graphs.failed = fails
                if raises:
                    raise MemoryError
        except MemoryError:
            pass
        done.append(True)

    monkeypatch.setattr(tasks, "warm_up", lambda: None)
    monkeypatch.setattr(alone, "run_next", job)
    try:
        tasks.run_job(str(uuid4()))
        ended = False
    except SystemExit as left:
        ended = left.code == 0
    assert (done, ended) == ([True], fails)


@pytest.mark.parametrize("reported", [SystemExit(0), WorkerLostError("exited early: exitcode 0"), None])
def test_the_message_of_a_process_that_leaves_is_delivered_again_at_once(
    reported: BaseException | None, redis: Any
) -> None:
    """Billiard reports the exit in one of two ways. The message neither gets lost nor waits.

    After a job that ends as usual (None), it is gone.
    """
    from celery.worker.request import Request

    from worker import tasks

    broker.send(uuid4(), 1, Stage.ATTACK)
    with Connection(celery_url(broker.configured_url())) as connection:
        message = tasks.app.amqp.queues["exhume"](connection.channel()).get(accept=["json"])
        assert (redis.llen("exhume"), redis.hlen("unacked")) == (0, 1)
        hooks = {"on_ack": message.ack_log_error, "on_reject": message.reject_log_error}
        request = Request(message, app=tasks.app, task=tasks.run_job, **hooks)
        if reported is None:
            request.on_success((False, None, 0.1))
        else:
            request.on_failure(raised(reported))
    assert (redis.llen("exhume"), redis.hlen("unacked")) == (0 if reported is None else 1, 0)


def raised(error: BaseException) -> ExceptionInfo:
    try:
        raise error
    except BaseException:  # noqa: BLE001 (an exit is one)
        return ExceptionInfo()
