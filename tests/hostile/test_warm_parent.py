"""The parent of forked sandboxes is restarted when it is lost, and no upload is lost with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from tests.hostile.test_sandbox import attempt, needs_full, refused
from worker.intake import Refused, check_release_file
from worker.intake.sandbox import level, run, warm
from worker.intake.sandbox.warm import warm_parent
from worker.inversion.targets import build_network
from worker.warm.client import WarmParent

LIGHT = ("worker.intake.images.zip_set",)
ROOT = str(Path(run.__file__).parents[3])


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Iterator[WarmParent]:
    parent = warm_parent(LIGHT)
    parent.start()
    assert parent.wait(60)
    monkeypatch.setattr(run, "WARM", parent)
    yield parent
    parent.stop()


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until(met: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not met() and time.monotonic() < deadline:
        time.sleep(0.02)
    return met()


def test_children_are_its_own_in_sessions_of_their_own(parent: WarmParent, tmp_path: Path) -> None:
    found = attempt("family", tmp_path)
    assert found["parent"] == parent.pid
    assert found["session"] == found["pid"] != parent.pid
    assert set(LIGHT) <= set(found["loaded"])
    assert "torch" not in found["loaded"]


def test_a_parent_that_is_not_ready_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parent = warm_parent(("torch",))
    monkeypatch.setattr(run, "WARM", parent)
    parent.start()
    try:
        assert attempt("family", tmp_path)["parent"] == os.getpid()
    finally:
        parent.stop()


def test_a_lost_parent_is_replaced_and_no_upload_is_lost(parent: WarmParent, tmp_path: Path) -> None:
    lost = parent.pid
    assert lost is not None
    os.kill(lost, signal.SIGKILL)
    assert until(lambda: gone(lost))
    assert attempt("family", tmp_path)["parent"] == os.getpid()
    assert parent.pid not in (None, lost)
    assert parent.wait(60)


def test_an_upload_whose_parent_is_lost_meanwhile_is_read_again(parent: WarmParent, tmp_path: Path) -> None:
    lost, slept = parent.pid, tmp_path / "work" / "slept"
    assert lost is not None
    killer = threading.Thread(target=lambda: until(slept.exists) and os.kill(lost, signal.SIGKILL))
    killer.start()
    assert attempt("sleep_once", tmp_path) == {"times": 2}
    killer.join()
    assert parent.pid not in (None, lost)


def test_a_crash_is_followed_by_another_parent_a_refusal_is_not(parent: WarmParent, tmp_path: Path) -> None:
    first = parent.pid
    (tmp_path / "refusal").mkdir()
    refused("answer", tmp_path / "refusal", answer="nonsense")
    assert parent.pid == first
    (tmp_path / "crash").mkdir()
    assert refused("crash", tmp_path / "crash").code == "examination-crashed"
    assert parent.pid not in (None, first)


def test_a_parent_that_cannot_load_is_tried_twice_and_then_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parent = warm_parent(("no_such_module",))
    monkeypatch.setattr(run, "WARM", parent)
    parent.start()
    assert not parent.wait(60)
    assert parent.pid is not None
    assert not parent.wait(60)
    assert parent.pid is None
    assert "No module named 'no_such_module'" in caplog.text
    assert attempt("family", tmp_path)["parent"] == os.getpid()


def test_a_parent_with_threads_does_not_fork() -> None:
    code = (
        "import os, sys, threading; sys.path.insert(0, sys.argv[1])\n"
        "from worker.warm import parent\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "parent.main(os.getppid(), 'builtins:abs')"
    )
    ended = subprocess.run([sys.executable, "-c", code, ROOT], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "2 threads" in ended.stderr


def test_it_ends_with_the_process_that_started_it() -> None:
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from worker.warm.client import WarmParent\n"
        "parent = WarmParent('builtins:abs', ()); parent.start(); parent.wait(60)\n"
        "print(parent.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, ROOT], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert not gone(pid)
        starter.kill()
    assert until(lambda: gone(pid))


@needs_full
def test_with_all_that_tasks_need_every_promise_is_kept_and_networks_are_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parent = warm_parent()
    monkeypatch.setattr(run, "WARM", parent)
    parent.start()
    try:
        assert parent.wait(120)
        level.cache_clear()
        assert level().name == "full", level().promises
        loaded = set(attempt("family", tmp_path)["loaded"])
        assert {name for name in warm.LOADED if name not in loaded} == set()
        for architecture in ("exhume/small-cnn", "timm/resnet10t", "torchvision/shufflenet_v2_x0_5"):
            with pytest.raises(Refused, match="the same output") as caught:
                _take_in_zeros(architecture, tmp_path)
            assert caught.value.code == "unusable-model"
    finally:
        parent.stop()


def _take_in_zeros(architecture: str, folder: Path) -> None:
    state = build_network(architecture, {}, 2, 3).state_dict()
    torch.save({name: torch.zeros_like(tensor) for name, tensor in state.items()}, folder / "upload")
    check_release_file(
        folder / "upload",
        architecture=architecture,
        hyperparameters={},
        convention={"height": 32, "width": 32, "channels": 3},
        classes=["a", "b"],
        out=folder / "out",
    )
