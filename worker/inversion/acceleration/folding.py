"""Folds BatchNorm in eval mode into the layer before it, which saves a pass over the map."""

from __future__ import annotations

import copy
import itertools
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from worker.inversion.layout import channels_last

M = TypeVar("M", bound=nn.Module)


def folded(network: M) -> M:
    """Return a frozen copy in eval mode with BatchNorm folded: W' = W * gamma / sqrt(var + eps).

    This applies to every BatchNorm that directly follows a convolution or linear layer in a
    Sequential.
    """
    network = copy.deepcopy(network).eval().requires_grad_(False)
    for block in [m for m in network.modules() if isinstance(m, nn.Sequential)]:
        names = list(block._modules)
        for this, following in itertools.pairwise(names):
            layer, norm = block._modules[this], block._modules[following]
            if (fused := _fused(layer, norm)) is not None:
                block._modules[this], block._modules[following] = fused, nn.Identity()
    return channels_last(network)


def _fused(layer: nn.Module | None, norm: nn.Module | None) -> nn.Module | None:
    """Return both layers as one, or None if they cannot be folded.

    Only exact types are folded. A subclass may do more than its base, such as a BatchNorm with its
    activation.
    """
    if type(norm) is nn.BatchNorm2d and norm.track_running_stats:
        if type(layer) is nn.Conv2d:
            return fuse_conv_bn_eval(layer, norm)
        if type(layer) is nn.ConvTranspose2d:
            fused: nn.Module = fuse_conv_bn_eval(layer, norm, transpose=True)
            return fused
    if type(layer) is nn.Linear and type(norm) is nn.BatchNorm1d and norm.track_running_stats:
        return fuse_linear_bn_eval(layer, norm)
    return None
