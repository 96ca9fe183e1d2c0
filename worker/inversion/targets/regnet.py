"""Builds torchvision's RegNets on the meta device.

They compute the widths of their blocks with tensors, which have no values there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def widths_on_cpu() -> Iterator[None]:
    """Let RegNets be built on any device inside this context."""
    from torchvision.models.regnet import BlockParams

    original = BlockParams.from_init_params

    def on_cpu(*arguments: Any, **named: Any) -> Any:
        with torch.device("cpu"):
            return original(*arguments, **named)

    BlockParams.from_init_params = staticmethod(on_cpu)
    try:
        yield
    finally:
        BlockParams.from_init_params = original
