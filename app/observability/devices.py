"""The choice of a worker's device, made without PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.contract.device import Device
from app.observability.candidates import ON_THE_PROCESSOR, Candidate, of_processor
from app.observability.torch_build import TorchBuild

HIDDEN = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}


class DeviceError(ValueError):
    """A device that cannot be used. The message says why and what to do."""


@dataclass(frozen=True)
class Chosen:
    """The device of a worker, and the environment of its processes that compute.

    They see this device only.
    """

    device: Device
    environment: dict[str, str] = field(default_factory=dict)


def choose(wanted: str, there: Sequence[Candidate], build: TorchBuild | None) -> Chosen:
    """Return the device that a setting names.

    Args:
        wanted: auto, cpu, mps, cuda, cuda:N, or the UUID of a GPU or MIG slice. `auto` is the
            first GPU that can be used, and the processor without one.
        there: GPUs of this machine.

    Raises: DeviceError.
    """
    usable = [one for one in there if one.fault is None]
    if wanted == "cpu" or (wanted == "auto" and not usable):
        faults = dict.fromkeys(one.fault for one in there if one.fault)
        note = " ".join(faults) if wanted == "auto" and faults else None
        return Chosen(of_processor(build).model_copy(update={"note": note}), HIDDEN)
    one = usable[0] if wanted == "auto" else _named(wanted, there, build)
    if one.fault is not None:
        raise DeviceError(one.fault)
    return Chosen(one.device, one.environment)


def _named(wanted: str, there: Sequence[Candidate], build: TorchBuild | None) -> Candidate:
    """Return the GPU that a setting names. Raises: DeviceError."""
    mine = [one for one in there if (one.device.kind == "mps") == (wanted == "mps")]
    if not mine:
        raise DeviceError(_none_for(wanted, build))
    if wanted in {"cuda", "mps"}:
        return next((one for one in mine if one.fault is None), mine[0])
    if wanted.startswith("cuda:"):
        at = int(wanted.removeprefix("cuda:"))
        if at < len(mine):
            return mine[at]
    else:
        for one in mine:
            if (one.device.uuid or "").lower().startswith(wanted.lower()):
                return one
    listed = ", ".join(
        f"cuda:{at} ({', '.join(filter(None, (one.device.name, one.device.uuid)))})" for at, one in enumerate(mine)
    )
    raise DeviceError(f"EXHUME_DEVICE names {wanted}, but this machine has {listed}. Choose one of these.")


def _none_for(wanted: str, build: TorchBuild | None) -> str:
    if wanted == "mps":
        return f"EXHUME_DEVICE names mps, which only Apple's computers have. Choose auto, or {ON_THE_PROCESSOR}."
    if build is not None and build.hip:
        return (
            "No AMD GPU is visible here. Install its driver, pass /dev/kfd and /dev/dri to the container, correct "
            f"HIP_VISIBLE_DEVICES, or {ON_THE_PROCESSOR}."
        )
    return (
        "No NVIDIA GPU is visible here. Install its driver, pass the GPU to the container (--gpus all), correct "
        f"CUDA_VISIBLE_DEVICES, or {ON_THE_PROCESSOR}."
    )
