"""A process in which a CUDA graph could not be recorded runs no further job."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

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
