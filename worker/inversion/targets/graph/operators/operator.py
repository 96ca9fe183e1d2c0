"""The function type of a graph's operators, and helpers for their inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

Inputs = list[Any]
"""Tensors in the operator's order; None for an omitted optional one."""
Attributes = dict[str, Any]
Run = Callable[[Inputs, Attributes], Any]
"""The function of an operator. Attributes are complete and have the type of their default."""


def numbers(value: Tensor | None) -> list[int]:
    """Return a small tensor of whole numbers as a list."""
    return [] if value is None else [int(v) for v in value.reshape(-1).tolist()]


def together(*values: Tensor) -> tuple[Tensor, ...]:
    """Return the values on one device. Small tables stay in main memory until they are needed."""
    device = next((v.device for v in values if v.device.type != "cpu"), values[0].device)
    return tuple(v if v.device == device else v.to(device) for v in values)
