"""Copies of frozen networks for an attack's search: the same function, faster, up to rounding.

* float32 on a CPU: BatchNorm is folded, and wide 3x3 convolutions use Winograd's algorithm.
* float32 on a GPU: the networks are unchanged, because cuDNN chooses its own algorithms.
* tf32, on a GPU: BatchNorm is folded and weights are channels last, as tensor cores read them.
  The search multiplies in TF32 (`exactness.multiplying`).
* bf16: BatchNorm is folded, and multiplications are in bf16.
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
    """Return a frozen, faster copy with the same outputs, or the network if no copy is faster."""
    if precision == "bf16":
        return Bf16(folded(network))
    parameter = next(network.parameters(), torch.empty(0))
    if parameter.device.type == "cpu":
        return replaced(folded(network))
    return folded(network) if precision == "tf32" else network


def fast_target(T: Target, precision: Precision) -> Target:
    """Return the target with such a network. Its features are read at the copy's head."""
    network = fast_network(T.network, precision)
    return T if network is T.network else Target(network, T.convention, T.num_classes, T.outputs).eval()


def fast_prior(prior: Prior, precision: Precision) -> Prior:
    """Return the prior with such copies of generator and critic."""
    fast = copy.copy(prior)  # shallow: the original keeps its networks
    fast._modules = {**prior._modules, "G": fast_network(prior.G, precision), "D": fast_network(prior.D, precision)}
    return fast
