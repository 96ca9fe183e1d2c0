"""One operator of a graph: what it computes, how many inputs it takes, and which attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

Inputs = list[Any]
"""Tensors in the operator's order; None for an optional one that is left out."""
Attributes = dict[str, Any]
Run = Callable[[Inputs, Attributes], Any]


@dataclass(frozen=True)
class Operator:
    """`run(inputs, attributes)`; attributes come complete, with defaults, and of the kind of their default:
    int, float, str, or a list of numbers (`ints` names those whose default is None, "not given").

    `steering`: indices of inputs whose values decide about shapes. They must not depend on the image, so that one run
    on any image bounds the memory of all.
    """

    run: Run
    least: int
    most: int
    attributes: dict[str, Any] = field(default_factory=dict)
    steering: frozenset[int] = frozenset()


def numbers(value: Tensor | None) -> list[int]:
    """A small tensor of whole numbers as a list."""
    return [] if value is None else [int(v) for v in value.reshape(-1).tolist()]


def together(*values: Tensor) -> tuple[Tensor, ...]:
    """The values on one device: small tables stay in main memory until they meet data elsewhere."""
    device = next((v.device for v in values if v.device.type != "cpu"), values[0].device)
    return tuple(v if v.device == device else v.to(device) for v in values)
