"""A small convolutional classifier for 28 to 64 px images, for the demo and its students."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SmallCnn(nn.Module):
    """Three blocks of convolution, BatchNorm, ReLU and halving, a feature layer, a linear head.

    Args:
        width: channels of the first block. The others have 2 and 4 times as many.
        depth: convolutions per block.
        feature_dim: size d of the penultimate feature.
        kernel: side of the convolutions, odd.
        dropout: before the head, in training.

    Shapes: (B, channels, H, W) -> logits (B, num_classes), any H, W >= 16.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int,
        *,
        width: int = 32,
        depth: int = 1,
        feature_dim: int = 128,
        kernel: int = 3,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        c = channels
        for block in range(3):
            out = width * 2**block
            for i in range(depth):
                stride = 2 if i == depth - 1 else 1
                layers += [nn.Conv2d(c, out, kernel, stride=stride, padding=kernel // 2, bias=False)]
                layers += [nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
                c = out
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten())
        self.neck = nn.Sequential(
            nn.Linear(c * 16, feature_dim, bias=False), nn.BatchNorm1d(feature_dim), nn.ReLU(inplace=True)
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(feature_dim, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.head(self.dropout(self.neck(self.features(x))))
        return logits
