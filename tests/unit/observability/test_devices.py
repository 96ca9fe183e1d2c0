"""The choice of a worker's device, and what it says about one that cannot be used."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.observability import devices
from app.observability.devices import DeviceError, choose, visible
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild, stated_in, torch_build
from app.settings import Settings

GIB = 2**30
FIRST = Gpu(0, "GPU-aa", "NVIDIA H100", 80 * GIB, (9, 0), "570.10", (12, 8))
SECOND = Gpu(1, "GPU-bb", "NVIDIA T4", 16 * GIB, (7, 5), "570.10", (12, 8))
SLICE = Gpu(0, "MIG-cc", "NVIDIA H100 MIG 1g", GIB, (9, 0), "570.10", (12, 8), is_slice=True)
CUDA, PLAIN, ROCM = TorchBuild("2.13.0", "12.8"), TorchBuild("2.13.0+cpu"), TorchBuild("2.13.0", hip="7.0")


@pytest.mark.parametrize(
    ("wanted", "gpus", "build", "limit", "kind", "sees"),
    [
        ("auto", [FIRST, SECOND], CUDA, None, "cuda", "GPU-aa"),
        ("cuda", [FIRST, SECOND], CUDA, None, "cuda", "GPU-aa"),
        ("cuda:1", [FIRST, SECOND], CUDA, None, "cuda", "GPU-bb"),
        ("cuda:0", [FIRST, SECOND], CUDA, "1", "cuda", "GPU-bb"),
        ("auto", [FIRST, SECOND], CUDA, "GPU-bb,GPU-aa", "cuda", "GPU-bb"),
        ("gpu-BB", [FIRST, SECOND], CUDA, None, "cuda", "GPU-bb"),
        ("auto", [], CUDA, None, "cpu", ""),
        ("auto", [FIRST], PLAIN, None, "cpu", ""),
        ("auto", [FIRST], CUDA, "", "cpu", ""),
        ("auto", [SLICE], CUDA, None, "cpu", ""),
        ("cpu", [FIRST], CUDA, None, "cpu", ""),
    ],
)
def test_a_worker_sees_its_device_alone(
    wanted: str, gpus: list[Gpu], build: TorchBuild, limit: str | None, kind: str, sees: str
) -> None:
    environment = {} if limit is None else {"CUDA_VISIBLE_DEVICES": limit}
    chosen = choose(wanted, gpus, build, environment=environment)
    assert (chosen.device.kind, chosen.environment["CUDA_VISIBLE_DEVICES"]) == (kind, sees)
    assert chosen.device.processor == choose("cpu", [], None, environment={}).device.name


@pytest.mark.parametrize(
    ("wanted", "gpus", "build", "said"),
    [
        ("cuda", [], CUDA, "No NVIDIA GPU is visible here"),
        ("cuda:3", [FIRST, SECOND], CUDA, r"names cuda:3, but this machine has cuda:0 \(NVIDIA H100, GPU-aa\), cuda:1"),
        ("GPU-zz", [FIRST], CUDA, "names GPU-zz, but this machine has cuda:0"),
        ("cuda", [FIRST], PLAIN, r"2.13.0\+cpu was built without CUDA. Install a build for CUDA"),
        ("cuda", [FIRST], None, "PyTorch is not installed"),
        ("cuda", [replace(FIRST, driver="470.5", cuda=(11, 4))], CUDA, "470.5 supports CUDA 11.4.* Update the driver"),
        ("MIG-cc", [SLICE], CUDA, "The MIG slice .* has 1.0 GiB of memory, and at least 2 GiB are needed"),
        ("mps", [], PLAIN, "only Apple's computers have"),
        ("cuda", [], ROCM, "pass /dev/kfd and /dev/dri"),
    ],
)
def test_a_device_that_cannot_be_used_is_explained(
    wanted: str, gpus: list[Gpu], build: TorchBuild | None, said: str
) -> None:
    with pytest.raises(DeviceError, match=said) as caught:
        choose(wanted, gpus, build, environment={})
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("gpus", [[FIRST], [SLICE], [replace(FIRST, cuda=(11, 4))]])
def test_auto_says_why_it_leaves_a_gpu_alone(gpus: list[Gpu]) -> None:
    build = PLAIN if gpus == [FIRST] else CUDA
    note = choose("auto", gpus, build, environment={}).device.note
    assert note is not None
    assert "EXHUME_DEVICE=cpu" in note
    assert choose("auto", [], build, environment={}).device.note is None


def test_minor_versions_of_cuda_work_with_one_driver() -> None:
    older = replace(FIRST, cuda=(12, 2))
    assert choose("cuda", [older], CUDA, environment={}).device.uuid == "GPU-aa"


def test_bf16_follows_the_compute_capability() -> None:
    found = [choose(f"cuda:{at}", [FIRST, SECOND], CUDA, environment={}).device for at in range(2)]
    assert [(one.compute_capability, one.bf16, one.torch) for one in found] == [
        ("9.0", True, "2.13.0 for CUDA 12.8"),
        ("7.5", False, "2.13.0 for CUDA 12.8"),
    ]


def test_an_amd_gpu_is_chosen_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for at, gib in enumerate((64, 32)):
        (tmp_path / f"card{at}" / "device").mkdir(parents=True)
        (tmp_path / f"card{at}" / "device" / "mem_info_vram_total").write_text(f"{gib * GIB}\n")
    monkeypatch.setattr(devices, "KFD", tmp_path)
    monkeypatch.setattr(devices, "DRM", tmp_path)
    chosen = choose("cuda:1", [], ROCM, environment={})
    assert (chosen.device.kind, chosen.device.memory_bytes) == ("rocm", 32 * GIB)
    assert chosen.environment["HIP_VISIBLE_DEVICES"] == "1"
    with pytest.raises(DeviceError, match="has 2 AMD GPUs"):
        choose("cuda:2", [], ROCM, environment={})


def test_an_apple_computer_uses_its_gpu() -> None:
    assert choose("auto", [], PLAIN, environment={}, system="Darwin").device.kind == "mps"


def test_unknown_names_in_cuda_visible_devices_are_left_out() -> None:
    assert visible([FIRST, SECOND], "7, GPU-bb, GPU-zz") == [SECOND]


@pytest.mark.parametrize("wrong", ["gpu", "cuda:", "cuda:x", "0", "", "GPU-a b"])
def test_a_setting_that_names_no_device_is_rejected(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(device=wrong)


def test_the_build_of_pytorch_is_read_from_its_files() -> None:
    import torch

    found = torch_build()
    assert found is not None
    assert (found.version, found.cuda, found.hip) == (str(torch.__version__), torch.version.cuda, torch.version.hip)
    assert stated_in("cuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n") == {"cuda": "12.8"}
