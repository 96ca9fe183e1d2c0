"""Copies of frozen networks for an attack's search: the same function, faster, up to rounding.

BatchNorm is folded and weights are channels last.

* float32 on a CPU: wide 3x3 convolutions use Winograd's algorithm. On a GPU, cuDNN chooses.
* tf32, on a GPU: the search multiplies in TF32 (`exactness.multiplying`).
* bf16: multiplications are in bf16.
"""

from __future__ import annotations

import copy
from typing import Literal

import torch
from torch import nn

from worker.inversion.acceleration.bf16 import Bf16
from worker.inversion.acceleration.folding import folded
from worker.inversion.acceleration.winograd import replaced
from worker.inversion.priors.prior import Prior
from worker.inversion.targets.target import Target

Precision = Literal["float32", "tf32", "bf16"]


def fast_network(network: nn.Module, precision: Precision) -> nn.Module:
    """Return a frozen, faster copy with the same outputs."""
    if precision == "bf16":
        return Bf16(folded(network))
    parameter = next(network.parameters(), torch.empty(0))
    return replaced(folded(network)) if parameter.device.type == "cpu" else folded(network)


def fast_target(T: Target, precision: Precision) -> Target:
    """Return the target with such a network. Its features are read at the copy's head."""
    return Target(fast_network(T.network, precision), T.convention, T.num_classes, T.outputs).eval()


def fast_prior(prior: Prior, precision: Precision) -> Prior:
    """Return the prior with such copies of generator and critic."""
    fast = copy.copy(prior)  # shallow: the original keeps its networks
    fast._modules = {**prior._modules, "G": fast_network(prior.G, precision), "D": fast_network(prior.D, precision)}
    return fast
