"""A job in a process of its own: forked from a parent that holds nothing, or new."""

import errno
import os
import selectors
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.faults.processes import until
from tests.worker import pretended_job
from worker.runtime import own_process
from worker.runtime.own_process import fork, run_alone, stop
from worker.warm.client import Forked, WarmParent, has_pidfd
from worker.warm.parent import STATUS, _Born

JOB = uuid4()
"""There is no such job."""


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[WarmParent]:
    """A parent that loads next to nothing, and whose children sleep."""
    parent = WarmParent(f"{pretended_job.__name__}:sleep", ())
    parent.start()
    monkeypatch.setenv("NOTE", str(tmp_path / "note"))
    yield parent
    parent.stop()


def note(folder: Path) -> list[str]:
    """Return the process, the parent and the job that a pretended job has noted."""
    path = folder / "note"
    until(lambda: path.exists() and path.read_text().endswith("\n"), "the start of the job", seconds=60)
    return path.read_text().split()


def test_a_forked_job_knows_its_id_and_the_environment_of_now_and_can_give_itself_back(
    parent: WarmParent, tmp_path: Path
) -> None:
    process = fork(JOB, parent)
    assert process is not None
    own, above, job = note(tmp_path)
    assert (int(above), job) == (parent.pid, str(JOB))
    assert os.getsid(int(own)) == int(own), "Ctrl-C stops the worker, which stops the job"
    stop(process)
    assert process.wait() == pretended_job.GIVEN_BACK


def test_a_signal_to_every_process_leaves_a_job_the_time_to_give_itself_back(
    parent: WarmParent, tmp_path: Path
) -> None:
    process = fork(JOB, parent)
    assert process is not None
    assert parent.pid is not None
    own = int(note(tmp_path)[0])
    for each in (parent.pid, own):
        os.kill(each, signal.SIGTERM)
    assert process.wait(20) == pretended_job.GIVEN_BACK


def test_a_second_signal_does_not_break_off_the_exit() -> None:
    before = signal.signal(signal.SIGTERM, own_process.leave)
    try:
        with pytest.raises(SystemExit):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_job_that_ends_when_it_is_told_to_does_not_stop_the_parent() -> None:
    """Both are heard of at once: the end of the process and the message of the worker."""
    child = os.posix_spawnp("true", ["true"], {"PATH": os.defpath}, setsid=True)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    ours, line = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, selectors.PollSelector() as selector:
        _Born(child, line, selector)
        Forked(ours).terminate()
        ready = selector.select(5)
        assert len(ready) == 2
        for key, _ in ready:
            key.data()
        assert STATUS.unpack(ours.recv(STATUS.size)) == (0,)
        assert not selector.get_map()


def test_no_parent_is_started_where_the_kernel_lacks_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(pid: int) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", lacking)
    has_pidfd.cache_clear()
    parent = WarmParent("builtins:abs", ())
    try:
        parent.start()
        assert parent.pid is None, "its first child would end it"
    finally:
        parent.stop()
        has_pidfd.cache_clear()


def test_a_forked_job_that_does_not_end_is_killed(
    parent: WarmParent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUBBORN", "1")
    monkeypatch.setattr(own_process, "PATIENCE", 0.2)
    process = fork(JOB, parent)
    assert process is not None
    note(tmp_path)
    stop(process)
    assert process.wait() == -signal.SIGKILL


def test_a_job_is_lost_with_its_parent_which_is_replaced(
    parent: WarmParent, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = parent.pid
    assert lost is not None
    killer = threading.Thread(target=lambda: note(tmp_path) and os.kill(lost, signal.SIGKILL))
    killer.start()
    assert run_alone(JOB, parent), "no other job is taken for it: its lease ends"
    killer.join()
    assert "job.process_ended" in capsys.readouterr().out
    until(lambda: not Path(f"/proc/{note(tmp_path)[0]}").exists(), "the end of the job", seconds=20)
    assert parent.pid not in {None, lost}


@pytest.mark.usefixtures("settings_env")
def test_a_job_that_cannot_be_forked_runs_in_a_new_process() -> None:
    nowhere = WarmParent("no_such_module:run", ())
    assert not run_alone(JOB, nowhere), "its exit status tells that there is no such job"
    assert nowhere.pid is not None, "it is tried once more"
    nowhere.stop()
