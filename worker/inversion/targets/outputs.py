"""Kinds of network outputs, and their conversion to logits."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from worker.inversion.errors import HardOutputs

Outputs = Literal["logits", "probabilities", "log-probabilities", "sigmoid"]
KINDS: tuple[Outputs, ...] = get_args(Outputs)
SMALLEST, BELOW_ONE = 1e-12, 1 - 2**-24
"""Bounds of probabilities before conversion. The second is the largest float32 below 1."""
_MARGIN, _SUM = 1e-5, 1e-3

NOTES: dict[Outputs, str] = {
    "probabilities": "The network outputs probabilities that sum to 1. They were converted to logits by the logarithm,"
    " which is exact up to a constant for each image. For these the logit loss equals cross-entropy up to the"
    " regulariser.",
    "log-probabilities": "The network outputs log-probabilities. They are used as logits, which is exact up to a"
    " constant for each image. For these the logit loss equals cross-entropy up to the regulariser.",
    "sigmoid": "The network outputs a separate probability for each class, as after a sigmoid. They were converted to"
    " logits by the inverse of the sigmoid.",
}


def as_outputs(name: str) -> Outputs:
    """Return a known kind of output. Raises: ValueError."""
    for kind in KINDS:
        if kind == name:
            return kind
    raise ValueError(f"{name!r} is not a kind of output; known: {', '.join(KINDS)}")


def logits_of(found: Tensor, outputs: Outputs) -> Tensor:
    """Return the logits (B, K) for a network's outputs."""
    if outputs == "probabilities":
        return torch.log(found.clamp_min(SMALLEST))
    if outputs == "sigmoid":
        return torch.log(found.clamp_min(SMALLEST)) - torch.log1p(-found.clamp_max(BELOW_ONE))
    return found


def recognised(found: Tensor) -> Outputs:
    """Return the kind of outputs (N, K) by their ranges and sums. Pass outputs of many images."""
    if bool(((found >= -_MARGIN) & (found <= 1 + _MARGIN)).all()):
        sums = found.sum(1)
        return "probabilities" if bool(((sums - 1).abs() < _SUM).all()) else "sigmoid"
    if bool((found <= _MARGIN).all()) and bool((found.logsumexp(1).abs() < _SUM).all()):
        return "log-probabilities"
    return "logits"


def check_soft(found: Tensor) -> None:
    """Reject outputs (N, K) that are decisions: one class marked for each image, or integers.

    Raises: HardOutputs.
    """
    marked = (found == 1).sum(1) == 1
    if bool(((found == 0) | (found == 1)).all()) and bool(marked.all()):
        raise HardOutputs("the network marks one class for each image with 1 and all others with 0")
    if bool((found == found.round()).all()) and bool((found != found[0]).any()):
        raise HardOutputs("the network outputs whole numbers")
