"""The device of a network's weights, and the layout in which convolutions are fastest."""

from __future__ import annotations

import itertools
from typing import TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


def channels_last(module: M) -> M:
    """Convert a network's 4-d weights to channels-last layout in place, and return it.

    Others are skipped: `Module.to(memory_format=...)` fails on the 5-d weights that a graph may
    have.
    """
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.ndim == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
    return module


def device_of(module: nn.Module) -> torch.device:
    """Return the device of the weights, or of the buffers (a linear prior has no others)."""
    return next(itertools.chain(module.parameters(), module.buffers())).device
