"""Where a network's weights lie: on which device, and in the layout that convolutions are fastest in."""

from __future__ import annotations

import itertools
from typing import TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


def channels_last(module: M) -> M:
    """Move a network's weights of four dimensions to channels-last layout, in place, and return it.

    Others stay: `Module.to(memory_format=...)` fails on five dimensions, which the weights of a graph may have.
    """
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.ndim == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
    return module


def device_of(module: nn.Module) -> torch.device:
    """The device of its weights; a linear prior has buffers alone."""
    return next(itertools.chain(module.parameters(), module.buffers())).device
