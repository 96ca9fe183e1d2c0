"""Full float32 and deterministic results on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def float32_convolutions(device: torch.device) -> Iterator[None]:
    """Make cuDNN multiply in full float32 with deterministic kernels inside this context.

    Since Ampere, its default is TF32, with a mantissa of 10 bits. On a CPU nothing changes.
    """
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield
