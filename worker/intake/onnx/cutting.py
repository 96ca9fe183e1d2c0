"""Choice, in the sandbox, of the graph to keep: without activations after the last layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.intake.onnx.endings import Ending
from worker.inversion.errors import EngineError
from worker.inversion.graph import Graph
from worker.inversion.targets import InputConvention, Target
from worker.inversion.targets.graph import GraphNetwork

TOLERANCE = 1e-4
"""Largest difference between the model's outputs and the activations of the cut graph."""
NORMALISED = 1e-3
"""Features are normalised if their lengths vary by less than this fraction of their mean.

A factor above 1 is then part of the logits, as in ArcFace, and not a temperature.
"""
_COMPUTE: dict[str, Callable[[Tensor], Tensor]] = {
    "Softmax": lambda x: x.softmax(1),
    "LogSoftmax": lambda x: x.log_softmax(1),
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Log": torch.log,
    "Exp": torch.exp,
}


@dataclass(frozen=True)
class Cut:
    """The graph to keep, and the activations and the factor (1: none) that were removed."""

    graph: Graph
    activations: tuple[str, ...] = ()
    scale: float = 1.0


def cut(
    network: GraphNetwork,
    ending: Ending | None,
    load: Callable[[Graph], GraphNetwork],
    convention: InputConvention,
    images: Tensor,
) -> Cut:
    """Choose the part of a network to keep. Keep everything if the ending is not as assumed.

    Args:
        load: builds a network from a part of the graph.
        images: (N, C, H, W) in [0, 1].
    """
    whole = Cut(network.graph)
    if ending is None:
        return whole
    scaled = load(ending.scaled)
    with torch.no_grad():
        seen = convention.apply(images)
        try:
            given, found = network(seen), scaled(seen)
        except (EngineError, RuntimeError):
            return whole
    if given.shape != found.shape or found.ndim != 2:
        return whole
    for name in ending.activations:
        found = _COMPUTE[name](found)
    if not torch.allclose(found * ending.after, given, atol=TOLERANCE, rtol=TOLERANCE):
        return whole
    if ending.scale > 1 and _is_normalised(Target(scaled, convention, given.shape[1]), images):
        return Cut(ending.scaled, ending.activations)
    return Cut(ending.bare, ending.activations, ending.scale)


def _is_normalised(target: Target, images: Tensor) -> bool:
    with torch.no_grad():
        lengths = target(images).features.norm(dim=1)
    return bool(lengths.std() < NORMALISED * lengths.mean())
