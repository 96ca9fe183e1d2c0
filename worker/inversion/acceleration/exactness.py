"""Full float32 and deterministic results on a GPU, and the operations that are not."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

UNSTEADY = re.compile(r"(\S+) does not have a deterministic implementation")


@contextmanager
def unsteady_operations(device: torch.device | str) -> Iterator[list[str]]:
    """Collect the names of operations without a deterministic kernel inside this context.

    PyTorch warns of them if deterministic algorithms are asked for. One is the gradient of
    bilinear sampling, which random views need. On a CPU there are none.
    """
    found: list[str] = []
    if torch.device(device).type == "cpu":
        yield found
        return
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        plain = warnings.showwarning

        def show(message: Warning | str, *where: Any, **more: Any) -> None:
            match = UNSTEADY.search(str(message))
            if match is None:
                plain(message, *where, **more)
            elif match[1] not in found:
                found.append(match[1])

        warnings.showwarning = show
        yield found


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


@contextmanager
def multiplying(device: torch.device, precision: str) -> Iterator[None]:
    """Multiply float32 in TF32 inside this context, if that is the precision of a search on a GPU.

    A search uses it and scores do not. On a CPU nothing changes.
    """
    if device.type != "cuda" or precision != "tf32":
        yield
        return
    before, torch.backends.cuda.matmul.allow_tf32 = torch.backends.cuda.matmul.allow_tf32, True
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
