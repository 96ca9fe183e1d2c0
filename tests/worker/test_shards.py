"""The size of a shard follows the devices of the workers, and its needs decide who may run it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.contract.device import Device
from app.contract.plan import Plan
from app.db.models import Audit, WorkerNode
from app.db.session import sync_session
from app.jobs.dispatch import payloads
from app.jobs.leases import claim
from app.jobs.shards import UNMEASURED, needed_device, shard_sizes, unmeasured
from app.jobs.stages import Stage
from app.scheduler import admission as telling
from app.settings import settings
from tests.worker.rows import PLAN, get_audit, jobs_of, make_audit, set_job

pytestmark = pytest.mark.usefixtures("settings_env")

H100 = Device(kind="cuda", name="NVIDIA H100", memory_bytes=80 * 2**30, compute_capability="9.0", bf16=True)
T4 = Device(kind="cuda", name="Tesla T4", memory_bytes=16 * 2**30, compute_capability="7.5")
MI300 = Device(kind="rocm", name="AMD GPU", bf16=True)
PROCESSOR = Device(kind="cpu", name="EPYC", memory_bytes=256 * 2**30)


def register(*devices: Device) -> None:
    with sync_session() as session:
        for number, device in enumerate(devices):
            more = {"device": device.model_dump(), "hardware": {"meets": device.meets}}
            session.add(WorkerNode(name=f"w{number}", memory_bytes=device.memory_bytes, **more))


@pytest.mark.parametrize(
    ("device", "meets"),
    [
        (H100, ["gpu", "cuda", "bf16", "cuda>=7.5", "cuda>=8.0", "cuda>=8.9", "cuda>=9.0"]),
        (T4, ["gpu", "cuda", "cuda>=7.5"]),
        (MI300, ["gpu", "bf16"]),
        (PROCESSOR, []),
    ],
)
def test_a_device_meets_the_needs_of_its_kind_and_capability(device: Device, meets: list[str]) -> None:
    assert device.meets == meets


@pytest.mark.parametrize(
    ("need", "takers", "said"),
    [
        ("gpu", {"w0", "w1"}, None),
        ("cuda>=8.0", {"w1"}, None),
        ("cuda>=10.0", set(), "with an NVIDIA GPU of compute capability 10.0 or more and at least 1.0 GiB of memory"),
    ],
)
def test_a_job_is_claimed_by_a_device_that_meets_its_need(need: str, takers: set[str], said: str | None) -> None:
    register(T4, H100, PROCESSOR)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    took = set()
    for worker in ("w0", "w1", "w2"):
        audit_id, (job_id, *_) = make_audit()
        set_job(job_id, needs_device=need, needs_bytes=2**30, created_at=long_ago)
        with sync_session() as session:
            taken = claim(session, job_id, worker=worker, lease_seconds=60)
        took |= {worker} if taken else set()
    assert took == takers
    telling.tick()
    problem = get_audit(audit_id).problem
    assert (problem is None) == (said is None)
    if problem is not None and said is not None:
        assert said in problem["detail"]
        assert problem["detail"].endswith(
            "None of those that are running has it. Start one, or change EXHUME_ATTACK_DEVICE and start the audit "
            "again."
        )


def test_memory_counts_among_the_workers_that_meet_the_need() -> None:
    register(T4, PROCESSOR)
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, needs_device="gpu", needs_bytes=40 * 2**30, created_at=datetime.now(UTC) - timedelta(hours=1))
    telling.tick()
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert "with a GPU and at least 40.0 GiB of memory" in problem["detail"]
    assert problem["detail"].endswith("16.0 GiB (Tesla T4). Start one on a device with more memory.")


def test_a_worker_that_does_not_say_what_it_meets_may_run_every_job() -> None:
    """As one of an earlier version does during a rolling upgrade."""
    register(PROCESSOR)
    with sync_session() as session:
        session.add(WorkerNode(name="earlier", device=H100.model_dump(), memory_bytes=H100.memory_bytes))
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, needs_device="cuda", needs_bytes=2**30, created_at=datetime.now(UTC) - timedelta(hours=1))
    assert telling.tick() == 0
    assert get_audit(audit_id).problem is None
    set_job(job_id, needs_bytes=81 * 2**30)
    assert telling.tick() == 1
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["detail"].endswith("80.0 GiB (NVIDIA H100). Start one on a device with more memory.")


@pytest.mark.parametrize(
    ("asked", "precision", "need"), [(None, "auto", None), (None, "tf32", "cuda>=8.0"), ("gpu", "tf32", "gpu")]
)
def test_the_need_follows_the_setting_and_the_precision(
    asked: Any, precision: str, need: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "attack_device", asked)
    attack = Plan.load(PLAN).attacks[0].model_copy(update={"attack_options": {"precision": precision}})
    assert needed_device(attack) == need


def sizes(audit_id: UUID, plan: Plan) -> list[int]:
    with sync_session() as session:
        return shard_sizes(session, session.get_one(Audit, audit_id), plan)


@pytest.mark.parametrize(
    ("device", "steps", "restarts", "shards"),
    [(T4, 150, 4, 4), (H100, 150, 4, 20), (H100, 75, 2, 20), (H100, 400, 8, 4), (H100, 300, 4, 10), (H100, 0, 1, 20)],
)
def test_an_unmeasured_shard_grows_with_memory_unless_the_search_is_long(
    device: Device, steps: int, restarts: int, shards: int
) -> None:
    assert device.memory_bytes is not None
    attack = Plan.load(PLAN).attacks[0].model_copy(update={"steps": steps, "restarts": restarts})
    assert unmeasured(attack, device.memory_bytes) == shards * attack.shard_size


def test_the_smallest_gpu_decides_the_first_shards_of_a_fleet() -> None:
    stored = Plan.load(PLAN).model_dump(mode="json")
    audit_id, _ = make_audit(stored)
    plan = Plan.load(stored | {"identities": list(range(1000))})
    planned = plan.attacks[0].shard_size
    register(H100, H100)
    assert sizes(audit_id, plan) == [5 * UNMEASURED * planned]
    with sync_session() as session:
        session.add(WorkerNode(name="unknown", device=MI300.model_dump()))
    assert sizes(audit_id, plan) == [UNMEASURED * planned], "the memory of one is not known"


def test_a_shard_on_a_gpu_is_as_large_as_one_minute_and_leaves_some_for_every_worker() -> None:
    stored = Plan.load(PLAN).model_dump(mode="json")
    audit_id, _ = make_audit(stored)
    plan = Plan.load(stored | {"identities": list(range(400))})
    planned = plan.attacks[0].shard_size
    assert sizes(audit_id, plan) == [planned], "no worker is known"
    register(H100, T4)
    assert sizes(audit_id, plan) == [UNMEASURED * planned]
    first = jobs_of(audit_id, "attack")[0]
    began = datetime.now(UTC) - timedelta(hours=1)
    count = len(first.payload["identities"])
    ended = {"state": "succeeded", "device": "cuda", "started_at": began}
    set_job(first.id, **ended, finished_at=began + timedelta(seconds=count))
    assert sizes(audit_id, plan) == [60]
    set_job(first.id, finished_at=began + timedelta(seconds=count / 100))
    assert sizes(audit_id, plan) == [100], "two workers, two shards each"
    shards = payloads(plan, Stage.ATTACK, [100])
    assert [one for shard in shards for one in shard["identities"]] == plan.identities
    assert {shard["of"] for shard in shards} == {100}
    with sync_session() as session:
        session.add(WorkerNode(name="slow", device=PROCESSOR.model_dump()))
    assert sizes(audit_id, plan) == [planned], "a processor helps with small ones"
    assert all("of" not in shard for shard in payloads(plan, Stage.ATTACK, [planned]))
