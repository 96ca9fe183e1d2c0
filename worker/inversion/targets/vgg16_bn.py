"""The paper's VGG16 target: VGG16-BN features, BatchNorm with a frozen bias, linear head."""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGES = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Output channels of the 3x3 convolutions of each stage, which ends by halving the map.

This is configuration D.
"""


class Vgg16Bn(nn.Module):
    """VGG16-BN without its fully connected layers.

    The penultimate feature is the normalised last map.

    Args:
        input_size: side of the square input, a multiple of 32. 64 gives the paper's 2048-d
            feature.

    Shapes: (B, channels, input_size, input_size) -> logits (B, num_classes).
    Sources: Simonyan & Zisserman, ICLR 2015 (features). Head and names of the weights (`feature`,
    `bn`, `fc_layer`) are as in the targets of Chen et al., ICCV 2021 (KEDMI), so that published
    weights fit.
    """

    def __init__(self, num_classes: int, channels: int, *, input_size: int = 64) -> None:
        super().__init__()
        if input_size % 32:
            raise ValueError(f"input_size must be a multiple of 32, not {input_size}")
        self.input_size = input_size
        layers: list[nn.Module] = []
        c = channels
        for stage in STAGES:
            for out in stage:
                layers += [nn.Conv2d(c, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
                c = out
            layers.append(nn.MaxPool2d(2))
        self.feature = nn.Sequential(*layers)
        for layer in self.feature:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        feature_dim = c * (input_size // 32) ** 2
        self.bn = nn.BatchNorm1d(feature_dim)
        self.bn.bias.requires_grad_(False)
        self.fc_layer = nn.Linear(feature_dim, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.feature(x.contiguous(memory_format=torch.channels_last))
        logits: Tensor = self.fc_layer(self.bn(x.contiguous().flatten(1)))
        return logits
