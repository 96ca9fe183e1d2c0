"""The precision of a search on each kind of device, and that it ends with the search."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from worker.evidence import precision
from worker.inversion.acceleration.exactness import multiplying

PROCESSOR, APPLE = {"device": "cpu"}, {"device": "mps"}
H100 = {"device": "cuda", "gpu": "NVIDIA H100", "compute_capability": "9.0"}
T4 = {"device": "cuda", "gpu": "Tesla T4", "compute_capability": "7.5"}
A100 = {"device": "cuda", "gpu": "NVIDIA A100", "compute_capability": "8.0"}
L40 = {"device": "cuda", "gpu": "NVIDIA L40", "compute_capability": "8.9"}
SAME, UNSURE = {"verified": [0.0, -0.01, 0.01]}, {"verified": [0.01, -0.03, 0.05]}
RECORD = {
    "NVIDIA A100": {"bf16": SAME, "tf32": SAME},
    "NVIDIA H100": {"bf16": UNSURE, "tf32": SAME},
    "NVIDIA L40": {"bf16": UNSURE, "tf32": UNSURE},
}


@pytest.mark.parametrize(
    ("hardware", "asked", "used"),
    [
        (PROCESSOR, "auto", "float32"),
        (PROCESSOR, "tf32", "float32"),
        (PROCESSOR, "bf16", "bf16"),
        (APPLE, "auto", "float32"),
        (H100, "auto", "tf32"),
        (L40, "auto", "float32"),
        (L40, "tf32", "tf32"),
        (H100 | {"gpu": "NVIDIA H200"}, "auto", "float32"),
        (A100, "auto", "bf16"),
        (A100, "tf32", "tf32"),
        (A100, "float32", "float32"),
        (H100, "bf16", "bf16"),
        (T4, "auto", "float32"),
        (T4, "tf32", "float32"),
        (T4, "bf16", "float32"),
        ({"device": "cuda"}, "auto", "float32"),
    ],
)
def test_the_precision_follows_the_device_and_what_was_recorded_on_it(
    hardware: dict[str, Any], asked: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "recorded", lambda: RECORD)
    assert precision.precision_on(hardware, asked) == used


def test_a_gpu_of_amd_has_no_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", "7.0")
    assert precision.precision_on(H100 | {"gpu": "AMD Instinct MI300X"}, "auto") == "float32"


def test_no_gpu_counts_as_compared_without_a_record() -> None:
    assert not any(precision.loses_nothing(precision.recorded(), "NVIDIA H100", one) for one in ("bf16", "tf32"))


@pytest.mark.parametrize(
    ("device", "name", "inside"), [("cuda", "tf32", True), ("cuda", "float32", False), ("cpu", "tf32", False)]
)
def test_tf32_ends_with_the_search(device: str, name: str, inside: bool) -> None:
    def allowed() -> tuple[bool, bool]:
        return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32

    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        before = allowed()
        with multiplying(torch.device(device), name):
            assert allowed() == (inside or before[0], inside or before[1])
        assert allowed() == before
