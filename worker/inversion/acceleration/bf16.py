"""Networks that compute an attack's forward and backward passes in bf16."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Bf16(nn.Module):
    """A network under bf16 autocast whose convolutions and linear layers hold bf16 weights already.

    Autocast converts weights anew in every pass when they are frozen, because it keeps only those that are trained.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        for layer in network.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                layer.to(torch.bfloat16)

    def forward(self, x: Tensor) -> Any:
        with torch.autocast(x.device.type, torch.bfloat16):
            return as_float32(self.network(x))


def as_float32(out: Any) -> Any:
    """Tensors of any floating type, alone or in a tuple, as float32."""
    return tuple(t.float() for t in out) if isinstance(out, tuple) else out.float()
