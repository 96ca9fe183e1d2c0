"""Every way in which a device is unusable is one sentence with its reason, and what to do."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from app.contract.device import Device
from app.db.models import WorkerNode
from app.db.session import sync_session
from app.observability.candidates import candidates
from app.observability.devices import DeviceError, choose
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild
from worker import node
from worker.runtime.device import torch_device
from worker.runtime.device_faults import device_fault

pytestmark = pytest.mark.usefixtures("settings_env")

GPU = Gpu(0, "GPU-aa", "NVIDIA H100", 80 * 2**30, (9, 0), "570.10", (12, 8))
SLICE = Gpu(0, "MIG-cc", "NVIDIA H100 MIG 1g", 2**30, (9, 0), "570.10", (12, 8), is_slice=True)
CUDA, PLAIN = TorchBuild("2.13.0", "12.8"), TorchBuild("2.13.0+cpu")
HARDWARE = {"device": "cuda", "gpu": "NVIDIA H100", "compute_capability": "9.0"}
ADVICE = re.compile(r"Choose|Install|Update|Look for|Add a worker|Give each worker|Check that")


def refused(wanted: str, found: list[Gpu], build: TorchBuild) -> str:
    with pytest.raises(DeviceError) as caught:
        choose(wanted, candidates(found, [], build, environment={}), build)
    return str(caught.value)


def failed(error: Exception) -> str:
    fault = device_fault(error, HARDWARE, "attack")
    assert fault is not None
    return str(fault.problem["detail"])


def of_worker(name: str, found: list[Gpu], *earlier: str) -> str:
    device = Device(kind="cuda", name=GPU.name, uuid=GPU.uuid)
    for one in (*earlier, name):  # in transactions of their own, as workers are told apart by when they started
        with sync_session() as session:
            session.add(WorkerNode(name=one, device=device.model_dump()))
    with sync_session() as session:
        return node.problem(session, name, device, found) or ""


def unseen() -> str:
    with pytest.raises(DeviceError) as caught:
        torch_device("cuda")
    return str(caught.value)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        (lambda: refused("cuda:3", [GPU], CUDA), "names cuda:3, but this machine has cuda:0"),
        (lambda: refused("cuda", [replace(GPU, cuda=(11, 4))], CUDA), "570.10 supports CUDA 11.4"),
        (lambda: of_worker("first", []), "no longer answers"),
        (lambda: failed(torch.AcceleratorError("CUDA error: GPU is lost\nmore")), "GPU is lost"),
        (lambda: failed(torch.OutOfMemoryError("CUDA out of memory")), "ran out of memory in the stage attack"),
        (lambda: of_worker("second", [GPU], "first"), "The worker first uses this GPU"),
        (lambda: refused("MIG-cc", [SLICE], CUDA), "The MIG slice NVIDIA H100 MIG 1g has 1.0 GiB"),
        (lambda: refused("cuda", [], CUDA), "No NVIDIA GPU is visible here"),
        (lambda: refused("cuda", [GPU], PLAIN), "was built without CUDA"),
        (unseen, "sees no GPU in this process"),
    ],
    ids=[
        *("no such device", "driver too old", "off the bus", "off the bus in a shard", "out of memory", "two workers"),
        *("slice too small", "CUDA build without a GPU", "GPU without a CUDA build", "hidden from PyTorch"),
    ],
)
def test_an_unusable_device_says_why_and_what_to_do(
    sentence: Callable[[], str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    said = sentence()
    assert reason in said
    assert ADVICE.search(said.partition(reason)[2])
    assert said.endswith(".")
    assert "\n" not in said
