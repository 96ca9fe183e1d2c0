"""A GPU that fails in the middle of a job: the job goes back to the queue, and nothing is lost."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from app.db.models import WorkerNode
from app.db.session import sync_session
from app.jobs import again
from app.observability.devices import DeviceError
from tests.worker.rows import get_audit, get_job, make_audit, set_job
from worker.job.context import Outcome, StageContext
from worker.node import node_name
from worker.runtime import device, device_faults, run
from worker.runtime.device import runs_on, torch_device
from worker.runtime.device_faults import device_fault

H100 = {"device": "cuda", "gpu": "NVIDIA H100", "compute_capability": "9.0"}
GIB = 2**30
OUT = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")
LOST = torch.AcceleratorError("CUDA error: unspecified launch failure\nCompile with TORCH_USE_CUDA_DSA")
NO_KERNEL = torch.AcceleratorError("CUDA error: no kernel image is available for execution on the device")
CUBLAS = RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`")

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Compute on an H100 of 80 GiB, 60 of them this process's. Return what was asked to end.

    Other programs use the other 20.
    """
    found: list[int] = []
    monkeypatch.setattr(device, "prepare", lambda: H100)
    monkeypatch.setattr(device_faults.torch.cuda, "is_available", lambda: True)
    peak = [60 * GIB]
    monkeypatch.setattr(device_faults.torch.cuda, "max_memory_reserved", lambda: peak[-1])
    monkeypatch.setattr(device_faults.torch.cuda, "memory_reserved", lambda: peak[-1])
    monkeypatch.setattr(device_faults.torch.cuda, "mem_get_info", lambda: (60 * GIB - peak[-1], 80 * GIB))
    monkeypatch.setattr(device_faults.torch.cuda, "empty_cache", lambda: None)
    monkeypatch.setattr(device_faults.torch.cuda, "reset_peak_memory_stats", lambda: peak.append(GIB))
    monkeypatch.setenv(device_faults.MAIN_PROCESS, "4711")
    monkeypatch.setattr(device_faults.os, "kill", lambda process, number: found.append(process))
    return found


def failing(error: Exception) -> Callable[[str], Callable[[StageContext], Outcome]]:
    def stage(context: StageContext) -> Outcome:
        raise error

    return lambda name: stage


@pytest.mark.parametrize(
    ("error", "code", "said", "ends"),
    [
        (OUT, "device_out_of_memory", "at least 72.0 GiB, and other programs use 20.0 of its 80.0 GiB", []),
        (LOST, "device_lost", "launch failure. Look for Xid errors", [4711]),
        (NO_KERNEL, "device_lost", "not built for this GPU .compute capability 9.0", [4711]),
        (CUBLAS, "device_lost", "CUBLAS_STATUS_EXECUTION_FAILED", [4711]),
    ],
)
def test_a_failing_gpu_gives_its_job_back(
    error: Exception, code: str, said: str, ends: list[int], ended: list[int]
) -> None:
    _, (job_id, *_) = make_audit()
    attempts = get_job(job_id).max_attempts
    assert run.run_claimed(job_id, failing(error))
    job = get_job(job_id)
    assert (job.state, job.max_attempts - job.attempt, job.worker) == ("queued", attempts, None)
    assert job.problem is not None
    assert job.problem["code"] == code
    assert "NVIDIA H100" in job.problem["detail"]
    assert re.search(said, job.problem["detail"])
    assert job.needs_bytes == (72 * GIB if error is OUT else None)
    assert ended == ends
    set_job(job_id, not_before=None, needs_bytes=None)  # as if a larger worker took it
    run.run_claimed(job_id, lambda name: lambda context: Outcome({"done": True}))
    assert get_job(job_id).state == "succeeded"


def test_a_job_that_ran_out_of_memory_never_needs_less(ended: list[int]) -> None:
    _, (job_id, *_) = make_audit()
    set_job(job_id, needs_bytes=100 * GIB)
    run.run_claimed(job_id, failing(OUT))
    assert get_job(job_id).needs_bytes == 100 * GIB


def test_a_job_that_had_a_gpu_to_itself_does_not_come_back_to_it(
    ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_faults.torch.cuda, "mem_get_info", lambda: (19 * GIB + GIB // 2, 80 * GIB))
    has = 80 * GIB + 300 * 2**20  # the driver counts more than PyTorch
    with sync_session() as session:
        session.add(WorkerNode(name=node_name(), device={"kind": "cuda", "name": "NVIDIA H100"}, memory_bytes=has))
    _, (job_id, *_) = make_audit()
    run.run_claimed(job_id, failing(OUT))
    job = get_job(job_id)
    assert job.needs_bytes == has + 1
    assert "needs a worker with more than 80.0 GiB. Add a worker" in (job.problem or {})["detail"]
    set_job(job_id, not_before=None)
    assert not run.run_claimed(job_id, failing(OUT)), "it does not fit any more"


def test_the_memory_of_an_earlier_job_is_not_what_the_next_one_needs(ended: list[int]) -> None:
    _, (first, *_) = make_audit()
    _, (second, *_) = make_audit()
    run.run_claimed(first, failing(OUT))
    run.run_claimed(second, failing(OUT))
    assert (get_job(first).needs_bytes, get_job(second).needs_bytes) == (72 * GIB, int(1.2 * GIB))


@pytest.mark.parametrize(("error", "code", "ends"), [(OUT, "device_out_of_memory", []), (LOST, "device_lost", [4711])])
def test_a_gpu_that_fails_over_and_over_ends_the_job(
    error: Exception, code: str, ends: list[int], ended: list[int]
) -> None:
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, setbacks=again.MOST_SETBACKS, attempt=2)
    assert run.run_claimed(job_id, failing(error))
    problem = get_audit(audit_id).problem
    assert (get_job(job_id).state, problem and problem["code"]) == ("failed", code)
    assert ended == ends


def test_apples_gpu_that_is_full_is_not_broken() -> None:
    full = RuntimeError("MPS backend out of memory (MPS allocated: 9.0 GB). Tried to allocate 2.0 GB")
    fault = device_fault(full, {"device": "mps"}, "attack")
    assert fault is not None
    assert (fault.problem["code"], fault.ends_worker) == ("device_out_of_memory", False)


@pytest.mark.parametrize(("error", "hardware"), [(OUT, {"device": "cpu"}), (ValueError("CUDA"), H100)])
def test_other_errors_are_no_fault_of_a_gpu(error: Exception, hardware: dict[str, Any]) -> None:
    assert device_fault(error, hardware, "attack") is None


def test_a_device_that_cannot_be_used_takes_no_job(ended: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable() -> dict[str, Any]:
        raise DeviceError("PyTorch sees no GPU")

    monkeypatch.setattr(device, "prepare", unusable)
    _, (job_id, *_) = make_audit()
    assert not run.run_claimed(job_id, failing(LOST))
    assert (get_job(job_id).state, ended) == ("queued", [4711])


@pytest.mark.parametrize(
    ("wanted", "cuda", "found"),
    [
        ("cpu", True, "cpu"),
        ("auto", True, "cuda"),
        ("auto", False, "cpu"),
        ("rocm", True, "cuda"),
        ("GPU-1", True, "cuda"),
    ],
)
def test_pytorch_names_the_device(wanted: str, cuda: bool, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    assert torch_device(wanted) == found


@pytest.mark.parametrize("wanted", ["cuda", "cuda:0", "mps"])
def test_a_device_that_pytorch_does_not_see_is_explained(wanted: str) -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(DeviceError, match=f"which was to compute on {wanted}"):
        torch_device(wanted)


@pytest.mark.parametrize(
    ("capability", "built", "runs"),
    [
        ((8, 6), ["sm_80"], True),
        ((9, 0), ["sm_80"], False),
        ((9, 0), ["sm_80", "compute_80"], True),
        ((7, 0), ["sm_75", "compute_90"], False),
        ((9, 0), ["sm_90a"], True),
        ((12, 0), ["sm_120"], True),
    ],
)
def test_machine_code_runs_on_its_own_generation(capability: tuple[int, int], built: list[str], runs: bool) -> None:
    assert runs_on(capability, built) is runs


def test_a_gpu_that_the_build_does_not_support_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    about = SimpleNamespace(name="NVIDIA GTX 1080", major=6, minor=1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda at: about)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_90"])
    before = torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic
    try:
        with pytest.raises(DeviceError, match=r"not built for NVIDIA GTX 1080 \(compute capability 6.1\)"):
            device.of_gpu()
        monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_61"])
        assert device.of_gpu() | {"cuda": None} == {
            "gpu": "NVIDIA GTX 1080",
            "compute_capability": "6.1",
            "driver": None,
            "cuda": None,
        }
        assert not torch.backends.cudnn.allow_tf32
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cudnn.deterministic = before
