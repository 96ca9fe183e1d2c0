"""The choice of a worker's device, and what it says about one that cannot be used."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.observability import amd
from app.observability.amd import AmdGpu, amd_gpus
from app.observability.candidates import candidates, visible
from app.observability.devices import Chosen, DeviceError, choose
from app.observability.gpus import Gpu
from app.observability.torch_build import TorchBuild, stated_in, torch_build
from app.settings import Settings

GIB = 2**30
FIRST = Gpu(0, "GPU-aa", "NVIDIA H100", 80 * GIB, (9, 0), "570.10", (12, 8))
SECOND = Gpu(1, "GPU-bb", "NVIDIA T4", 16 * GIB, (7, 5), "570.10", (12, 8))
SLICE = Gpu(0, "MIG-cc", "NVIDIA H100 MIG 1g", GIB, (9, 0), "570.10", (12, 8), is_slice=True)
LARGER = replace(SLICE, uuid="MIG-dd", name="NVIDIA H100 MIG 2g", memory_bytes=20 * GIB)
SMALL = Gpu(0, "GPU-ss", "NVIDIA GT 1030", GIB, (7, 5), "570.10", (12, 8))
OLD = replace(SECOND, uuid="GPU-oo", name="NVIDIA Tesla K80", compute_capability=(3, 7))
CUDA, PLAIN, ROCM = TorchBuild("2.13.0", "12.8"), TorchBuild("2.13.0+cpu"), TorchBuild("2.13.0", hip="7.0")
AMD = [AmdGpu(0, "AMD GPU gfx942", 64 * GIB), AmdGpu(1, "AMD GPU gfx942", 32 * GIB)]
WITHIN_A_PROCESSOR = AmdGpu(0, "AMD GPU gfx90c", GIB // 2)
MAC, INTEL = ("Darwin", "arm64"), ("Darwin", "x86_64")


def on(
    wanted: str,
    gpus: list[Gpu],
    build: TorchBuild | None,
    *,
    environment: dict[str, str] | None = None,
    amd: list[AmdGpu] | None = None,
    machine: tuple[str, str] = ("Linux", "x86_64"),
) -> Chosen:
    """Return the device that a setting names on a machine."""
    there = candidates(gpus, amd or [], build, environment=environment or {}, machine=machine)
    return choose(wanted, there, build)


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
        ("auto", [SLICE, LARGER], CUDA, None, "cuda", "MIG-dd"),
        ("MIG-dd", [SLICE, LARGER], CUDA, None, "cuda", "MIG-dd"),
        ("auto", [SMALL, FIRST], CUDA, None, "cuda", "GPU-aa"),
        ("cuda", [OLD, FIRST], CUDA, None, "cuda", "GPU-aa"),
        ("cpu", [FIRST], CUDA, None, "cpu", ""),
    ],
)
def test_a_worker_sees_its_device_alone(
    wanted: str, gpus: list[Gpu], build: TorchBuild, limit: str | None, kind: str, sees: str
) -> None:
    environment = {} if limit is None else {"CUDA_VISIBLE_DEVICES": limit}
    chosen = on(wanted, gpus, build, environment=environment)
    assert (chosen.device.kind, chosen.environment["CUDA_VISIBLE_DEVICES"]) == (kind, sees)
    assert chosen.device.processor == on("cpu", [], None).device.name


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
        ("mps", [FIRST], CUDA, "only Apple's computers have"),
        ("cuda:0", [SMALL, FIRST], CUDA, "The GPU NVIDIA GT 1030 has 1.0 GiB of memory"),
        ("cuda", [OLD], CUDA, "compute capability 3.7, and CUDA 12.8, for which PyTorch 2.13.0 was built, needs 5.0"),
        ("cuda", [], ROCM, "pass /dev/kfd and /dev/dri"),
    ],
)
def test_a_device_that_cannot_be_used_is_explained(
    wanted: str, gpus: list[Gpu], build: TorchBuild | None, said: str
) -> None:
    with pytest.raises(DeviceError, match=said) as caught:
        on(wanted, gpus, build)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("gpus", [[FIRST], [SLICE], [SMALL], [OLD], [replace(FIRST, cuda=(11, 4))]])
def test_auto_says_why_it_leaves_a_gpu_alone(gpus: list[Gpu]) -> None:
    build = PLAIN if gpus == [FIRST] else CUDA
    note = on("auto", gpus, build).device.note
    assert note is not None
    assert "EXHUME_DEVICE=cpu" in note
    assert on("auto", [], build).device.note is None
    assert on("cpu", gpus, build).device.note is None


def test_minor_versions_of_cuda_work_with_one_driver() -> None:
    older = replace(FIRST, cuda=(12, 2))
    assert on("cuda", [older], CUDA).device.uuid == "GPU-aa"


def test_bf16_follows_the_compute_capability() -> None:
    found = [on(f"cuda:{at}", [FIRST, SECOND], CUDA).device for at in range(2)]
    assert [(one.compute_capability, one.bf16, one.torch) for one in found] == [
        ("9.0", True, "2.13.0 for CUDA 12.8"),
        ("7.5", False, "2.13.0 for CUDA 12.8"),
    ]


def test_an_amd_gpu_is_chosen_by_its_number() -> None:
    chosen = on("cuda:1", [], ROCM, amd=AMD)
    assert (chosen.device.kind, chosen.device.memory_bytes) == ("rocm", 32 * GIB)
    assert chosen.environment["HIP_VISIBLE_DEVICES"] == "1"
    with pytest.raises(DeviceError, match=r"has cuda:0 \(AMD GPU gfx942\), cuda:1 \(AMD GPU gfx942\). Choose"):
        on("cuda:2", [], ROCM, amd=AMD)
    limited = on("cuda:0", [FIRST], ROCM, amd=AMD, environment={"HIP_VISIBLE_DEVICES": "1"})
    assert limited.environment["HIP_VISIBLE_DEVICES"] == "1"
    assert on("auto", [FIRST], CUDA, amd=AMD).device.kind == "cuda"


def test_an_amd_gpu_without_a_build_for_it_is_explained_but_not_that_within_a_processor() -> None:
    note = on("auto", [], CUDA, amd=AMD).device.note
    assert note is not None
    assert note.startswith("This machine has a GPU (AMD GPU gfx942), but PyTorch 2.13.0 was built without ROCm.")
    assert note.count("built without ROCm") == 1
    assert on("auto", [], CUDA, amd=[WITHIN_A_PROCESSOR]).device.note is None
    assert "0.5 GiB" in (on("auto", [], ROCM, amd=[WITHIN_A_PROCESSOR]).device.note or "")


def test_amd_gpus_are_those_that_the_kernel_lists_for_computing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amd, "KFD", tmp_path)
    monkeypatch.setattr(amd, "NODES", tmp_path / "nodes")
    monkeypatch.setattr(amd, "DRM", tmp_path)
    of_nodes = {"0": "simd_count 0", "10": "simd_count 304\ngfx_target_version 90402\ndrm_render_minor 128"}
    of_nodes |= {"9": "simd_count 416\ngfx_target_version 90010\nunique_id no_number", "11": ""}
    for name, text in of_nodes.items():
        (tmp_path / "nodes" / name).mkdir(parents=True)
        if text:  # the kernel denies to read the last one
            (tmp_path / "nodes" / name / "properties").write_text(f"{text}\n")
    (tmp_path / "renderD128" / "device").mkdir(parents=True)
    (tmp_path / "renderD128" / "device" / "mem_info_vram_total").write_text(f"{64 * GIB}\n")
    assert amd_gpus() == [AmdGpu(0, "AMD GPU gfx90a", None), AmdGpu(1, "AMD GPU gfx942", 64 * GIB)]
    monkeypatch.setattr(amd, "KFD", tmp_path / "none")
    assert amd_gpus() == []


def test_a_mac_uses_its_gpu_if_it_has_apple_silicon() -> None:
    assert on("auto", [], PLAIN, machine=MAC).device.kind == "mps"
    intel = on("auto", [], PLAIN, machine=INTEL).device
    assert (intel.kind, "this one is x86_64" in (intel.note or "")) == ("cpu", True)
    with pytest.raises(DeviceError, match="this one is x86_64"):
        on("mps", [], PLAIN, machine=INTEL)
    with pytest.raises(DeviceError, match="No NVIDIA GPU is visible here"):
        on("cuda", [], PLAIN, machine=MAC)


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
