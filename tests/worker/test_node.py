"""The row of a worker: its device, two workers on one GPU, and a GPU that no longer answers."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import Celery

from app.contract.device import Device
from app.db.models import WorkerNode
from app.db.session import sync_session
from app.jobs.broker import CHECKS
from app.observability import candidates
from app.observability.devices import Chosen, DeviceError
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild
from app.scheduler.retention import forget_workers
from app.settings import settings
from worker import lifecycle, node, trial
from worker.runtime import device
from worker.runtime import trial as computing
from worker.trial import fault_in_trial

GPU = Gpu(0, "GPU-aa", "NVIDIA H100", 80 * 2**30, (9, 0), "570.10", (12, 8), temperature=50.0)
DEVICE = Device(kind="cuda", name=GPU.name, uuid=GPU.uuid, memory_bytes=GPU.memory_bytes)

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[Gpu]:
    """Return the GPUs of the machine, which a test may change."""
    found = [GPU]
    monkeypatch.setattr(node, "gpus", lambda: found)
    monkeypatch.setattr(node, "_device", DEVICE)
    return found


def row(name: str) -> WorkerNode:
    with sync_session() as session:
        found = session.get_one(WorkerNode, name)
        session.expunge(found)
        return found


def test_a_worker_registers_its_device(there: list[Gpu]) -> None:
    node.sign_of_life("w1", {})
    found = row("w1")
    assert (found.memory_bytes, found.problem) == (80 * 2**30, None)
    assert Device.model_validate(found.device) == DEVICE
    assert found.hardware["gpus"] == [GPU.use()]


def test_a_gpu_that_no_longer_answers_stops_its_worker_until_it_does(there: list[Gpu]) -> None:
    there.clear()
    node.sign_of_life("w1", {})
    assert "no longer answers" in (row("w1").problem or "")
    there.append(GPU)
    node.sign_of_life("w1", {})
    assert row("w1").problem is None


def test_the_second_worker_on_a_gpu_waits_for_the_first_to_end(there: list[Gpu]) -> None:
    for name in ("first", "second", "first"):
        node.sign_of_life(name, {})
    assert row("first").problem is None
    assert "The worker first uses this GPU (GPU-aa) too." in (row("second").problem or "")
    with sync_session() as session:
        session.get_one(WorkerNode, "first").seen_at = datetime.now(UTC) - timedelta(minutes=2)
    node.sign_of_life("second", {})
    assert row("second").problem is None


def test_a_worker_that_ended_is_no_longer_listed(there: list[Gpu]) -> None:
    node.sign_of_life(node.node_name(), {})
    node.sign_of_life("killed", {})
    node.sign_off()
    with sync_session() as session:
        session.get_one(WorkerNode, "killed").seen_at = datetime.now(UTC) - timedelta(hours=2)
        session.flush()
        assert session.get(WorkerNode, node.node_name()) is None
        assert forget_workers(session) == 1


def test_the_processes_of_a_worker_have_its_name_and_see_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, "EXHUME_DEVICE": "cpu"}
    with monkeypatch.context() as patched:
        patched.setattr(os, "environ", environment)
        patched.setattr(node, "_device", None)
        mine = node.node_name()
        assert node.choose_device().kind == "cpu"
        assert environment["CUDA_VISIBLE_DEVICES"] == ""
        patched.setattr(os, "getpid", lambda: 1)
        assert node.node_name() == mine
    settings.cache_clear()


UNFIT = "PyTorch was not built for this GPU. Install another build."
OTHER = replace(GPU, index=1, uuid="GPU-bb")


def with_gpus(monkeypatch: pytest.MonkeyPatch, wanted: str, found: list[Gpu], *, unfit: list[Gpu]) -> dict[str, str]:
    """Give this process a setting and a machine. Return the environment of what it starts."""
    own = {**os.environ, "EXHUME_DEVICE": wanted}
    own.pop("CUDA_VISIBLE_DEVICES", None)
    monkeypatch.setattr(os, "environ", own)
    settings.cache_clear()
    for module in (node, candidates):
        monkeypatch.setattr(module, "torch_build", lambda: TorchBuild("2.13.0", "12.8"))
        monkeypatch.setattr(module, "gpus", lambda: found)
    monkeypatch.setattr(node, "_device", None)
    monkeypatch.setattr(node, "_fault", None)
    bad = {gpu.uuid for gpu in unfit}
    monkeypatch.setattr(node, "fault_in_trial", lambda chosen: UNFIT if chosen.device.uuid in bad else None)
    return own


@pytest.mark.parametrize(
    ("wanted", "unfit", "kind", "sees", "note", "problem"),
    [
        ("auto", [], "cuda", "GPU-aa", None, None),
        ("auto", [GPU], "cuda", "GPU-bb", None, None),
        ("auto", [GPU, OTHER], "cpu", "", UNFIT, None),
        ("cuda", [], "cuda", "GPU-aa", None, None),
        ("cuda", [GPU], "cuda", "", None, UNFIT),
        ("GPU-bb", [GPU, OTHER], "cuda", "", None, UNFIT),
    ],
)
def test_a_gpu_is_tried_before_a_worker_takes_jobs_for_it(
    wanted: str,
    unfit: list[Gpu],
    kind: str,
    sees: str,
    note: str | None,
    problem: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        own = with_gpus(patched, wanted, [GPU, OTHER], unfit=unfit)
        node.choose_device()
        node.sign_of_life("w1", {})
        assert (own["CUDA_VISIBLE_DEVICES"], node.device_fault()) == (sees, problem)
        assert own["EXHUME_DEVICE"] == ("cuda" if sees else "cpu"), "its processes check uploads all the same"
    settings.cache_clear()
    found = row("w1")
    assert found.device is not None
    said = problem and f"{problem} Then start this worker, or `exhume up`, again."
    assert (found.device["kind"], found.device["note"], found.problem) == (kind, note, said)


def test_a_trial_says_what_pytorch_says() -> None:
    said = fault_in_trial(Chosen(DEVICE, {"CUDA_VISIBLE_DEVICES": ""}))
    assert said is not None
    assert said.startswith("PyTorch ")
    assert "sees no GPU in this process, which was to compute on cuda. Check" in said


def test_a_trial_computes_or_ends_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(device, "prepare", lambda: {"device": "cpu"})
    computing.main()
    monkeypatch.setattr(device, "prepare", lambda: {"device": "meta"})
    with pytest.raises(RuntimeError, match="meta"):
        computing.main()

    def unfit() -> dict[str, str]:
        raise DeviceError(UNFIT)

    monkeypatch.setattr(device, "prepare", unfit)
    with pytest.raises(SystemExit) as ended:
        computing.main()
    assert (ended.value.code, capsys.readouterr().out) == (trial.UNUSABLE, f"{UNFIT}\n")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("pass", None),
        (
            "raise RuntimeError('no kernel image.')",
            "cannot compute on NVIDIA H100: RuntimeError: no kernel image. Check",
        ),
        ("import os; os.abort()", "NVIDIA H100: the process ended with status -6. Check"),
        ("import time; time.sleep(60)", "did not compute on NVIDIA H100 within 1 s"),
    ],
)
def test_a_trial_that_ends_in_another_way_is_explained(
    script: str, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{script}"\n')
    python.chmod(0o700)
    monkeypatch.setattr(trial.sys, "executable", str(python))
    monkeypatch.setattr(trial, "PATIENCE_SECONDS", 1.0)
    found = fault_in_trial(Chosen(DEVICE, {}))
    assert found is None if said is None else said in (found or "")


def test_a_worker_registers_the_queues_that_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "on_logging", lambda: None)
    celery = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    celery.amqp.queues.select([CHECKS])
    lifecycle.on_init(sender=SimpleNamespace(app=celery))
    assert row(node.node_name()).hardware["queues"] == [CHECKS]
    node.QUEUES_READ.clear()
