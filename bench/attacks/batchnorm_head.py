"""The same classifier with a BatchNorm before its last layer, as in the paper's VGG16-BN.

The logits stay the same; only the features differ.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

from worker.inversion.batching import in_batches
from worker.inversion.data import to_tensor
from worker.inversion.targets import Target
from worker.inversion.targets.registry import head_of


def with_batchnorm_head(target: Target, images: np.ndarray) -> Target:
    """Return a copy of `target` that normalises its features before the last layer.

    W f + b = (W s) ((f - m) / s) + (b + W m), with mean m and deviation s of the features f of
    `images`. The logits equal those of `target` up to rounding. The feature that the regulariser
    uses becomes (f - m) / s.
    """
    x = to_tensor(images)
    with torch.no_grad():
        f = in_batches(lambda part: target(part).features, x, 256)
        norm = nn.BatchNorm1d(f.shape[1], affine=False)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        norm.running_mean.copy_(f.mean(0))
        norm.running_var.copy_(f.var(0))
        scale = (norm.running_var + norm.eps).sqrt()
        network = copy.deepcopy(target.network)
        head = head_of(network, target.num_classes)
        assert isinstance(head, nn.Linear)
        bias = head.bias if head.bias is not None else torch.zeros(head.out_features)
        linear = nn.Linear(head.in_features, head.out_features)
        linear.weight.copy_(head.weight * scale)
        linear.bias.copy_(bias + head.weight @ norm.running_mean)
    _replace(network, head, nn.Sequential(norm, linear))
    return Target(network, target.convention, target.num_classes, target.outputs).eval().requires_grad_(False)


def _replace(network: nn.Module, old: nn.Module, new: nn.Module) -> None:
    for parent in network.modules():
        for name, child in parent.named_children():
            if child is old:
                setattr(parent, name, new)
                return
    raise ValueError("the last layer is not part of the network")
