"""Copies of frozen networks that compute an attack's forward and backward passes faster, in bf16."""

from __future__ import annotations

import copy
import itertools
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from worker.inversion.layout import channels_last
from worker.inversion.priors.prior import Prior
from worker.inversion.targets.target import Target

M = TypeVar("M", bound=nn.Module)
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


def folded(network: M) -> M:
    """A copy in eval mode in which every BatchNorm that directly follows a convolution or linear layer inside a
    Sequential is part of that layer's weights: W' = W * gamma / sqrt(var + eps), and no pass over the map is left."""
    network = copy.deepcopy(network).eval().requires_grad_(False)
    for block in [m for m in network.modules() if isinstance(m, nn.Sequential)]:
        names = list(block._modules)
        for this, following in itertools.pairwise(names):
            layer, norm = block._modules[this], block._modules[following]
            if isinstance(layer, CONVOLUTIONS) and isinstance(norm, nn.BatchNorm2d) and norm.track_running_stats:
                block._modules[this] = _fused(layer, norm)
                block._modules[following] = nn.Identity()
            elif isinstance(layer, nn.Linear) and isinstance(norm, nn.BatchNorm1d) and norm.track_running_stats:
                block._modules[this] = fuse_linear_bn_eval(layer, norm)
                block._modules[following] = nn.Identity()
    return channels_last(network)


def _fused(layer: nn.Module, norm: nn.BatchNorm2d) -> nn.Module:
    fused: nn.Module = fuse_conv_bn_eval(layer, norm, transpose=isinstance(layer, nn.ConvTranspose2d))  # type: ignore[type-var]
    return fused


class Bf16(nn.Module):
    """A network under bf16 autocast whose convolutions and linear layers hold bf16 weights already.

    Autocast converts weights anew in every pass when they are frozen, because it keeps only those that are trained.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        for layer in network.modules():
            if isinstance(layer, (*CONVOLUTIONS, nn.Linear)):
                layer.to(torch.bfloat16)

    def forward(self, x: Tensor) -> Any:
        with torch.autocast(x.device.type, torch.bfloat16):
            return as_float32(self.network(x))


def as_float32(out: Any) -> Any:
    """Tensors of any floating type, alone or in a tuple, as float32."""
    return tuple(t.float() for t in out) if isinstance(out, tuple) else out.float()


def target_in_bf16(T: Target) -> Target:
    """A target whose network is a bf16 copy; its features are read at the copy's head."""
    network = folded(T.network)
    return Target(Bf16(network), T.convention, T.num_classes, T.outputs)


def prior_in_bf16(prior: Prior) -> Prior:
    """A prior with bf16 copies of generator and critic."""
    fast = copy.copy(prior)  # shallow: the original keeps its networks
    fast._modules = dict(prior._modules) | {"G": Bf16(folded(prior.G)), "D": Bf16(folded(prior.D))}
    return fast
