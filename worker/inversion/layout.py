"""The memory layout that convolutions are fastest in on this hardware: channels last."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


def channels_last(module: M) -> M:
    """Move a network's weights to channels-last layout, in place, and return it."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module
