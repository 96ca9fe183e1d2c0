"""The paper's face networks IR-50 ("face.evoLve") and IR-152, with a 512-d feature."""

from __future__ import annotations

import torch
from torch import Tensor, nn

UNITS = {50: (3, 4, 14, 3), 152: (3, 8, 36, 3)}
"""Residual units of the four stages of 64, 128, 256 and 512 channels.

Each stage begins by halving the map.
"""


class Unit(nn.Module):
    """x -> shortcut(x) + BN(conv_s(PReLU(conv_1(BN(x))))), stride s in the second convolution."""

    def __init__(self, c: int, out: int, stride: int) -> None:
        super().__init__()
        self.shortcut_layer: nn.Module = (
            nn.MaxPool2d(1, stride)
            if c == out
            else nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        )
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(c),
            nn.Conv2d(c, out, 3, padding=1, bias=False),
            nn.PReLU(out),
            nn.Conv2d(out, out, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.shortcut_layer(x) + self.res_layer(x)
        return out


class ImprovedResNet(nn.Module):
    """IR network: stem, four stages, BatchNorm, dropout, Linear, BatchNorm, linear head.

    The output of the second BatchNorm is the feature.

    Args:
        layers: 50 or 152.
        input_size: side of the square input, a multiple of 16; 64 for the targets, 112 for the
            evaluator.
        feature_dim: size d of the penultimate feature.
        dropout: before the feature layer, in training.

    Shapes: (B, channels, input_size, input_size) -> logits (B, num_classes).
    Sources: Deng et al., CVPR 2019 (ArcFace), section 3.1 ("improved residual unit"). The names of
    the weights (`feature.input_layer`, `feature.body`, `output_layer`, `fc_layer`) are those of
    KEDMI's 64 px targets.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int,
        *,
        layers: int,
        input_size: int = 64,
        feature_dim: int = 512,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if input_size % 16:
            raise ValueError(f"input_size must be a multiple of 16, not {input_size}")
        self.feature = nn.Module()
        self.feature.input_layer = nn.Sequential(
            nn.Conv2d(channels, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)
        )
        units: list[nn.Module] = []
        c = 64
        for stage, count in enumerate(UNITS[layers]):
            out = 64 * 2**stage
            for i in range(count):
                units.append(Unit(c, out, 2 if i == 0 else 1))
                c = out
        self.feature.body = nn.Sequential(*units)
        self.output_layer = nn.Sequential(
            nn.BatchNorm2d(c),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(c * (input_size // 16) ** 2, feature_dim),
            nn.BatchNorm1d(feature_dim),
        )
        self.fc_layer = nn.Linear(feature_dim, num_classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.feature.get_submodule("body")(self.feature.get_submodule("input_layer")(x))
        logits: Tensor = self.fc_layer(self.output_layer(x.contiguous()))
        return logits
