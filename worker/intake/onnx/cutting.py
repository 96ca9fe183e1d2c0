"""In the sandbox: choose the graph to keep, without activations and a temperature behind the last layer."""

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
"""Largest difference between the model's outputs and those of the cut graph followed by the activations."""
NORMALISED = 1e-3
"""Features are normalised if their lengths vary by less than this part of their mean. A factor above 1 is then part of
the logits, as in ArcFace, and not a temperature."""
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
    """The graph to keep, the activations that were left out of it, and the factor that was (1: none)."""

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
    """Choose what to keep of a network with this ending. If the ending turns out to be something else, keep everything.

    Args:
        load: makes a network of a part of the graph.
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
