"""What a network puts out, and how logits are made of it."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

from worker.inversion.errors import HardOutputs

Outputs = Literal["logits", "probabilities", "log-probabilities", "sigmoid"]
KINDS: tuple[Outputs, ...] = get_args(Outputs)
SMALLEST, BELOW_ONE = 1e-12, 1 - 2**-24
"""Probabilities are clamped to these before logits are made of them. Between the second and 1 float32 has no number."""
_MARGIN, _SUM = 1e-5, 1e-3

NOTES: dict[Outputs, str] = {
    "probabilities": "The network puts out probabilities that sum to 1. They were turned into logits by the logarithm,"
    " which is exact up to a constant for each image; on these the logit loss equals cross-entropy up to the"
    " regulariser.",
    "log-probabilities": "The network puts out log-probabilities. They are used as logits, which is exact up to a"
    " constant for each image; on these the logit loss equals cross-entropy up to the regulariser.",
    "sigmoid": "The network puts out a probability for each class on its own, as after a sigmoid. They were turned into"
    " logits by the inverse of the sigmoid.",
}


def as_outputs(name: str) -> Outputs:
    """One of the known kinds. Raises: ValueError."""
    for kind in KINDS:
        if kind == name:
            return kind
    raise ValueError(f"{name!r} is not a kind of output; known: {', '.join(KINDS)}")


def logits_of(found: Tensor, outputs: Outputs) -> Tensor:
    """Logits of what a network puts out, (B, K)."""
    if outputs == "probabilities":
        return torch.log(found.clamp_min(SMALLEST))
    if outputs == "sigmoid":
        return torch.log(found.clamp_min(SMALLEST)) - torch.log1p(-found.clamp_max(BELOW_ONE))
    return found


def recognised(found: Tensor) -> Outputs:
    """The kind of outputs (N, K) for images of all sorts. Ranges and sums alone decide: ask for many images."""
    if bool(((found >= -_MARGIN) & (found <= 1 + _MARGIN)).all()):
        sums = found.sum(1)
        return "probabilities" if bool(((sums - 1).abs() < _SUM).all()) else "sigmoid"
    if bool((found <= _MARGIN).all()) and bool((found.logsumexp(1).abs() < _SUM).all()):
        return "log-probabilities"
    return "logits"


def check_soft(found: Tensor) -> None:
    """Reject outputs (N, K) that are decisions: one class marked for each image, or whole numbers.

    Raises: HardOutputs.
    """
    marked = (found == 1).sum(1) == 1
    if bool(((found == 0) | (found == 1)).all()) and bool(marked.all()):
        raise HardOutputs("the network marks one class for each image with 1 and all others with 0")
    if bool((found == found.round()).all()) and bool((found != found[0]).any()):
        raise HardOutputs("the network puts out whole numbers")
