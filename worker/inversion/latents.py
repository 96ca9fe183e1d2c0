"""Latents drawn per seed, identity and restart, independent of the rest of the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor


def row_seed(seed: int, *parts: int | str) -> int:
    """Return a 63-bit seed for one purpose: a digest of the audit's seed and further parts."""
    text = ":".join(str(p) for p in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def draw(seed: int, *parts: int | str, shape: tuple[int, ...]) -> Tensor:
    """Return standard normal numbers of this shape from the generator of `row_seed`."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(row_seed(seed, *parts)))


def draws(seed: int, purpose: str, identities: Sequence[int], *parts: int, shape: tuple[int, ...]) -> Tensor:
    """Return one `draw` per identity, keyed by purpose, identity and further parts.

    Returns: (B, *shape) on the CPU.
    """
    return torch.stack([draw(seed, purpose, k, *parts, shape=shape) for k in identities])
