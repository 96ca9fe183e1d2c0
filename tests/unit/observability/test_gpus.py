"""The GPUs of a machine, from a driver that answers, answers in part, or is missing."""

from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from app.observability.gpus import gpus

MIB = 2**20


class Driver:
    """A driver with one whole GPU and one that is divided into two slices."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, lost: frozenset[str] = frozenset()) -> None:
        answers: dict[str, Any] = {
            "nvmlInit": lambda: None,
            "nvmlShutdown": lambda: None,
            "nvmlSystemGetDriverVersion": lambda: "570.10",
            "nvmlSystemGetCudaDriverVersion_v2": lambda: 12080,
            "nvmlDeviceGetCount": lambda: 2,
            "nvmlDeviceGetHandleByIndex": lambda index: ("GPU-a", "GPU-b")[index],
            "nvmlDeviceGetMigMode": lambda one: (int(one == "GPU-b"), 0),
            "nvmlDeviceGetMaxMigDeviceCount": lambda one: 3,
            "nvmlDeviceGetMigDeviceHandleByIndex": lambda one, at: ("MIG-1", "MIG-2", None)[at] or self.fail(),
            "nvmlDeviceGetUUID": lambda one: one,
            "nvmlDeviceGetName": lambda one: f"model of {one}",
            "nvmlDeviceGetMemoryInfo": lambda one: SimpleNamespace(total=80 * MIB, used=MIB),
            "nvmlDeviceGetUtilizationRates": lambda one: SimpleNamespace(gpu=37),
            "nvmlDeviceGetTemperature": lambda one, which: 61,
            "nvmlDeviceGetCudaComputeCapability": lambda one: (9, 0),
        }
        for name, answer in answers.items():
            monkeypatch.setattr(pynvml, name, self.fail if name in lost else answer)

    @staticmethod
    def fail(*_: object) -> Any:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)


def test_slices_take_the_place_of_a_divided_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    Driver(monkeypatch)
    first, *slices = gpus()
    assert [(one.uuid, one.index, one.is_slice) for one in slices] == [("MIG-1", 1, True), ("MIG-2", 1, True)]
    assert (first.cuda, first.compute_capability, first.is_slice) == ((12, 8), (9, 0), False)
    assert first.use() == {
        "index": 0,
        "uuid": "GPU-a",
        "name": "model of GPU-a",
        "utilisation": pytest.approx(0.37),
        "memory_used_bytes": MIB,
        "memory_bytes": 80 * MIB,
        "temperature": 61,
    }


@pytest.mark.parametrize(
    ("lost", "count"),
    [
        ("nvmlInit", 0),
        ("nvmlDeviceGetHandleByIndex", 0),
        ("nvmlDeviceGetUUID", 0),
        ("nvmlDeviceGetMigMode", 2),
        ("nvmlDeviceGetTemperature", 3),
        ("nvmlDeviceGetMemoryInfo", 3),
    ],
)
def test_what_the_driver_does_not_answer_is_left_out(lost: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Driver(monkeypatch, lost=frozenset({lost}))
    assert len(gpus()) == count


def test_a_machine_without_a_driver_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise OSError("libnvidia-ml.so.1: cannot open shared object file")

    monkeypatch.setattr(pynvml, "nvmlInit", missing)
    assert gpus() == []
