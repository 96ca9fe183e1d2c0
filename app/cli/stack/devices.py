"""The devices of the workers that `exhume up` starts: one worker for each GPU."""

import os

from app.observability.devices import visible, why_not
from app.observability.gpus import gpus
from app.observability.processor import processors
from app.observability.torch_build import torch_build
from app.settings import Settings

ALL = "all"


class TooManyGpusError(ValueError):
    """More GPUs were asked for than there are, or a number that is none."""


def worker_environments(configured: Settings, wanted: str = ALL) -> list[dict[str, str]]:
    """Return the environment of each worker for audits.

    A GPU that PyTorch cannot use gets no worker. Without any, there is one worker, which says why.
    `EXHUME_DEVICE` names the device of a single worker. Several share the processors.

    Args:
        wanted: all, or the number of GPUs to use.

    Raises: TooManyGpusError.
    """
    if wanted != ALL and not wanted.isdecimal():
        raise TooManyGpusError(f"--gpus takes a number or {ALL}, not {wanted!r}")
    if configured.device != "auto" or wanted == "0":
        return [{} if wanted != "0" else {"EXHUME_DEVICE": "cpu"}]
    usable = visible(gpus(), os.environ.get("CUDA_VISIBLE_DEVICES"))
    fault = why_not(usable, torch_build())
    if wanted != ALL and (fault or int(wanted) > len(usable)):
        raise TooManyGpusError(fault or f"--gpus {wanted}: this machine has {len(usable)}. Choose at most as many.")
    if fault:
        return [{}]
    used = usable if wanted == ALL else usable[: int(wanted)]
    threads = {"OMP_NUM_THREADS": str(max(1, processors() // len(used)))} if len(used) > 1 else {}
    return [{"EXHUME_DEVICE": gpu.uuid, **threads} for gpu in used]
