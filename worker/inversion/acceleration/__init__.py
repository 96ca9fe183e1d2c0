"""Copies of frozen networks for an attack's search: the same function, up to rounding, in less time.

float32 on a CPU: BatchNorm folded, wide 3x3 convolutions by Winograd's algorithm. float32 on a GPU: the networks
themselves, because cuDNN chooses its own algorithms. bf16: BatchNorm folded, multiplied in bf16.
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

Precision = Literal["float32", "bf16"]


def fast_network(network: nn.Module, precision: Precision) -> nn.Module:
    """A frozen copy that computes the same outputs faster, or the network itself where nothing is gained."""
    if precision == "bf16":
        return Bf16(folded(network))
    parameter = next(network.parameters(), torch.empty(0))
    return replaced(folded(network)) if parameter.device.type == "cpu" else network


def fast_target(T: Target, precision: Precision) -> Target:
    """A target with such a network; its features are read at the copy's head."""
    network = fast_network(T.network, precision)
    return T if network is T.network else Target(network, T.convention, T.num_classes, T.outputs).eval()


def fast_prior(prior: Prior, precision: Precision) -> Prior:
    """A prior with such copies of generator and critic."""
    fast = copy.copy(prior)  # shallow: the original keeps its networks
    fast._modules = {**prior._modules, "G": fast_network(prior.G, precision), "D": fast_network(prior.D, precision)}
    return fast
