"""The NVIDIA GPUs of this machine and what they do, as the driver's library (NVML) reports it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pynvml


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a MIG slice of one. What the driver does not report is None.

    Attributes:
        index: position in the driver's list, that of its GPU for a slice.
        driver, cuda: version of the driver, and the newest CUDA that it supports as (major,
            minor).
    """

    index: int
    uuid: str
    name: str
    memory_bytes: int | None = None
    compute_capability: tuple[int, int] | None = None
    driver: str | None = None
    cuda: tuple[int, int] | None = None
    memory_used_bytes: int | None = None
    utilisation: float | None = None
    temperature: float | None = None
    is_slice: bool = False

    def use(self) -> dict[str, object]:
        """Return what it does now, for the row of a worker and its metrics."""
        names = ("index", "uuid", "name", "utilisation", "memory_used_bytes", "memory_bytes", "temperature")
        return {name: getattr(self, name) for name in names}


def gpus() -> list[Gpu]:
    """Return every GPU, or its MIG slices if it is divided. Empty where there is no driver."""
    with _library() as ready:
        return list(_found()) if ready else []


@contextmanager
def _library() -> Iterator[bool]:
    """Load the driver's library inside the block. False if there is none that answers."""
    try:
        pynvml.nvmlInit()
    except (pynvml.NVMLError, OSError):
        yield False
        return
    try:
        yield True
    finally:
        _ask(pynvml.nvmlShutdown)


def _found() -> Iterator[Gpu]:
    driver, supported = _ask(pynvml.nvmlSystemGetDriverVersion), _ask(pynvml.nvmlSystemGetCudaDriverVersion_v2)
    cuda = None if supported is None else (supported // 1000, supported % 1000 // 10)
    for index in range(_ask(pynvml.nvmlDeviceGetCount) or 0):
        handle = _ask(pynvml.nvmlDeviceGetHandleByIndex, index)  # none: the GPU is lost
        for one in () if handle is None else _slices(handle) or (handle,):
            if (uuid := _ask(pynvml.nvmlDeviceGetUUID, one)) is not None:
                yield _described(index, uuid, one, handle, driver, cuda)


def _slices(handle: Any) -> list[Any]:
    """Return the MIG slices of a GPU. Empty if it is not divided."""
    mode = _ask(pynvml.nvmlDeviceGetMigMode, handle)
    if not mode or mode[0] != pynvml.NVML_DEVICE_MIG_ENABLE:
        return []
    most = _ask(pynvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0
    found = (_ask(pynvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, at) for at in range(most))
    return [one for one in found if one is not None]


def _described(  # noqa: PLR0917 (the facts of one GPU)
    index: int, uuid: str, one: Any, whole: Any, driver: str | None, cuda: tuple[int, int] | None
) -> Gpu:
    memory, busy = _ask(pynvml.nvmlDeviceGetMemoryInfo, one), _ask(pynvml.nvmlDeviceGetUtilizationRates, one)
    return Gpu(
        index=index,
        uuid=uuid,
        name=_ask(pynvml.nvmlDeviceGetName, one) or _ask(pynvml.nvmlDeviceGetName, whole) or "GPU",
        memory_bytes=None if memory is None else int(memory.total),
        compute_capability=_ask(pynvml.nvmlDeviceGetCudaComputeCapability, whole),
        driver=driver,
        cuda=cuda,
        memory_used_bytes=None if memory is None else int(memory.used),
        utilisation=None if busy is None else busy.gpu / 100,
        temperature=_ask(pynvml.nvmlDeviceGetTemperature, whole, pynvml.NVML_TEMPERATURE_GPU),
        is_slice=one is not whole,
    )


def _ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """Return the library's answer, or None if driver or GPU do not support the question."""
    try:
        return question(*arguments)
    except pynvml.NVMLError:
        return None
