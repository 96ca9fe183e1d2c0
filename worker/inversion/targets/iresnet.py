"""The face networks of insightface, IR-18 to IR-200, with a last layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from worker.inversion.targets.cosine_layer import last_layer

UNITS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3), 200: (6, 26, 60, 6)}
"""Residual units of the four stages of 64, 128, 256 and 512 channels.

Each stage begins by halving the map.
"""


class Unit(nn.Module):
    """x -> shortcut(x) + BN(conv_s(PReLU(BN(conv_1(BN(x)))))), stride s in the second one."""

    def __init__(self, c: int, out: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.prelu = nn.PReLU(out)
        self.conv2 = nn.Conv2d(out, out, 3, stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample: nn.Module | None = (
            None
            if stride == 1 and c == out
            else nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.bn3(self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x))))))
        return out + (x if self.downsample is None else self.downsample(x))


class InsightResNet(nn.Module):
    """Stem, four stages, BatchNorm, dropout, Linear, BatchNorm, and a cosine or linear last layer.

    The output of the last BatchNorm is the feature, the face embedding of insightface.

    Args:
        layers: 18, 34, 50, 100 or 200.
        input_size: side of the square input, a multiple of 16.
        feature_dim: size d of the embedding.
        dropout: before the layer of the embedding, in training.
        head: "cosine" for ArcFace and its relatives, "linear" for a plain layer with a bias.
        scale: s of the cosine layer.

    Shapes: (B, channels, input_size, input_size) -> logits (B, num_classes).
    Raises: ValueError for an unknown head or a size that is not a multiple of 16.
    Sources: Deng et al., CVPR 2019 (ArcFace), section 3.1 ("improved residual unit"). The names of
    the weights are those of insightface's `arcface_torch`, and `head` is the second file.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int,
        *,
        layers: int,
        input_size: int = 112,
        feature_dim: int = 512,
        dropout: float = 0.0,
        head: str = "cosine",
        scale: float = 64.0,
    ) -> None:
        super().__init__()
        if input_size % 16:
            raise ValueError(f"input_size must be a multiple of 16, not {input_size}")
        self.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.prelu = nn.PReLU(64)
        c = 64
        for stage, count in enumerate(UNITS[layers]):
            out = 64 * 2**stage
            units = [Unit(c if i == 0 else out, out, 2 if i == 0 else 1) for i in range(count)]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*units))
            c = out
        self.bn2 = nn.BatchNorm2d(c)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(c * (input_size // 16) ** 2, feature_dim)
        self.features = nn.BatchNorm1d(feature_dim)
        self.head = last_layer(head, feature_dim, num_classes, scale)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(layer.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.prelu(self.bn1(self.conv1(x.contiguous(memory_format=torch.channels_last))))
        for stage in range(1, 5):
            x = self.get_submodule(f"layer{stage}")(x)
        x = self.dropout(torch.flatten(self.bn2(x).contiguous(), 1))
        logits: Tensor = self.head(self.features(self.fc(x)))
        return logits
