"""One operator of a graph: what it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

Inputs = list[Any]
"""Tensors in the operator's order; None for an optional one that is left out."""
Attributes = dict[str, Any]
Run = Callable[[Inputs, Attributes], Any]
"""What an operator computes; attributes come complete, with defaults, and of the kind of their default."""


def numbers(value: Tensor | None) -> list[int]:
    """A small tensor of whole numbers as a list."""
    return [] if value is None else [int(v) for v in value.reshape(-1).tolist()]


def together(*values: Tensor) -> tuple[Tensor, ...]:
    """The values on one device: small tables stay in main memory until they meet data elsewhere."""
    device = next((v.device for v in values if v.device.type != "cpu"), values[0].device)
    return tuple(v if v.device == device else v.to(device) for v in values)
