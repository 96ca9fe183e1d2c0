"""On a GPU, float32 that is float32, and the same bits every time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def float32_convolutions(device: torch.device) -> Iterator[None]:
    """While it is entered, cuDNN multiplies in whole float32, not TF32 (a mantissa of 10 bits, its default since
    Ampere), and takes none of its kernels that sum in another order each time. On a CPU nothing changes."""
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield
