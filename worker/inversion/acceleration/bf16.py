"""Networks that compute an attack's forward and backward passes in bf16."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Bf16(nn.Module):
    """A network under bf16 autocast, with bf16 weights in its convolutions and linear layers.

    Autocast would convert frozen weights again in every pass, because it only caches weights that
    are trained. On a CPU, convolutions that are both grouped and strided stay float32: the
    gradient to their input has no fast bf16 kernel, and four of them took half of an
    EfficientNet's time.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for parent in list(network.modules()):
            for name, layer in list(parent.named_children()):
                if slow_in_bf16(layer):
                    setattr(parent, name, InFloat32(layer))
                elif isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                    layer.to(torch.bfloat16)
        self.network = network

    def forward(self, x: Tensor) -> Any:
        with torch.autocast(x.device.type, torch.bfloat16):
            return as_float32(self.network(x))


class InFloat32(nn.Module):
    """A layer that runs in float32 under autocast."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Any:
        with torch.autocast(x.device.type, enabled=False):
            return self.layer(x.float())


def slow_in_bf16(layer: nn.Module) -> bool:
    """Return whether the layer is a grouped, strided convolution on a CPU."""
    if not isinstance(layer, nn.Conv2d):
        return False
    return layer.weight.device.type == "cpu" and layer.groups > 1 and max(layer.stride) > 1


def as_float32(out: Any) -> Any:
    """Convert tensors of any floating type, alone or in a tuple, to float32."""
    return tuple(t.float() for t in out) if isinstance(out, tuple) else out.float()
