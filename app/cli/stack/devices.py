"""The devices of the workers that `exhume up` starts: one worker for each usable GPU."""

from app.observability.candidates import candidates_here
from app.observability.devices import DeviceError, choose
from app.observability.processor import processors
from app.observability.torch_build import torch_build
from app.settings import Settings

ALL = "all"


class GpusError(ValueError):
    """GPUs that cannot be used, or a number of them that is none."""


def worker_environments(configured: Settings, wanted: str = ALL) -> list[dict[str, str]]:
    """Return the environment of each worker for audits.

    A GPU that is known to be unusable gets no worker. Where at most one is used, the only worker
    chooses by itself, and computes on the processor if it has to. `EXHUME_DEVICE` names the device
    of a single worker. Several share the processors.

    Args:
        wanted: all, or the number of GPUs to use.

    Raises: GpusError.
    """
    if wanted != ALL and not wanted.isdecimal():
        raise GpusError(f"--gpus takes a number or {ALL}, not {wanted!r}")
    if wanted == "0":
        return [{"EXHUME_DEVICE": "cpu"}]
    there = candidates_here()
    if configured.device != "auto":
        if wanted not in {ALL, "1"}:
            raise GpusError(
                f"--gpus {wanted}: EXHUME_DEVICE={configured.device} names the device of the only worker. Unset it to "
                "have a worker for each GPU, or leave --gpus out."
            )
        try:
            choose(configured.device, there, torch_build())
        except DeviceError as error:
            raise GpusError(str(error)) from error
        return [{}]
    usable = [one for one in there if one.fault is None]
    if wanted != ALL and int(wanted) > len(usable):
        faults = " ".join(dict.fromkeys(one.fault for one in there if one.fault))
        fewer = "Choose at most as many." if usable else "Leave --gpus out to compute on the processor."
        raise GpusError(f"--gpus {wanted}: this machine has {len(usable)} that can be used. {fewer} {faults}".strip())
    used = usable if wanted == ALL else usable[: int(wanted)]
    if len(used) <= 1:
        return [{}]
    threads = str(max(1, processors() // len(used)))
    return [{"EXHUME_DEVICE": one.setting, "OMP_NUM_THREADS": threads} for one in used]
