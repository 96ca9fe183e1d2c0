"""Micro-batches of a fixed size, with the last one padded.

Matrix kernels choose their order of summation by the batch size, so the last bit of a row may
differ between a batch of 3 and one of 300. A fixed size prevents that.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def padded(rows: Tensor, size: int) -> Tensor:
    """Pad rows (n, ...) with n <= size to (size, ...) by repeating the first row."""
    if len(rows) == size:
        return rows
    return torch.cat([rows, rows[:1].expand(size - len(rows), *rows.shape[1:])])


def in_batches(function: Callable[[Tensor], Tensor], rows: Tensor, size: int) -> Tensor:
    """Apply a function to rows (n, ...) in padded micro-batches of `size`, and concatenate."""
    return torch.cat([function(padded(part, size))[: len(part)] for part in torch.split(rows, size)])
