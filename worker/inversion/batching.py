"""Fixed-size micro-batches: every forward pass has the same number of rows, the last one padded.

Matrix kernels choose their order of summation by the batch size, so the same row in a batch of 3 and of 300 may
differ in the last bit. With one size it cannot.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def padded(rows: Tensor, size: int) -> Tensor:
    """rows (n, ...) with n <= size -> (size, ...), the first row repeated to fill."""
    if len(rows) == size:
        return rows
    return torch.cat([rows, rows[:1].expand(size - len(rows), *rows.shape[1:])])


def in_batches(function: Callable[[Tensor], Tensor], rows: Tensor, size: int) -> Tensor:
    """function over rows (n, ...) in padded micro-batches of `size`, results concatenated: (n, ...)."""
    return torch.cat([function(padded(part, size))[: len(part)] for part in torch.split(rows, size)])
