"""The row of a worker: its device, two workers on one GPU, and a GPU that no longer answers."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from celery import Celery

from app.contract.device import Device
from app.db.models import WorkerNode
from app.db.session import sync_session
from app.jobs.broker import CHECKS
from app.observability.gpus import Gpu
from app.scheduler.retention import forget_workers
from app.settings import settings
from worker import lifecycle, node

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


def test_a_worker_registers_the_queues_that_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "on_logging", lambda: None)
    celery = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    celery.amqp.queues.select([CHECKS])
    lifecycle.on_init(sender=SimpleNamespace(app=celery))
    assert row(node.node_name()).hardware["queues"] == [CHECKS]
    node.QUEUES_READ.clear()
