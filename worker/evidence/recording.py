"""Whether the steps of a search are recorded and replayed on the device of a stage."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from app.settings import settings
from worker.inversion.attacks.capture import CudaGraphs
from worker.lifecycle import leave_after_job


@contextmanager
def recording(device: str) -> Iterator[CudaGraphs | None]:
    """Yield what records the steps of searches on a device. None where they are computed.

    If one could not be recorded in the block, the next job runs in another process.
    """
    graphs = device == "cuda" and torch.version.hip is None and settings().cuda_graphs
    recorder = CudaGraphs() if graphs else None
    try:
        yield recorder
    finally:
        if recorder is not None and recorder.failed:
            leave_after_job("A CUDA graph could not be recorded, after which memory may not be freed.")
