"""Two small image embedders of different architecture, used for verifiers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class PlainEmbedder(nn.Module):
    """Convolutions with max pooling and a fully connected last layer, with unit-length output.

    Shapes: (B, channels, *size) in [0, 1], both sides multiples of 16 -> (B, dim).
    """

    def __init__(self, channels: int, dim: int = 128, width: int = 32, size: tuple[int, int] = (32, 32)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        c = channels
        for out in (width, 2 * width, 3 * width, 4 * width):
            layers += [nn.Conv2d(c, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(), nn.MaxPool2d(2)]
            c = out
        flat = (size[0] // 16) * (size[1] // 16)
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(c * flat, dim, bias=False), nn.BatchNorm1d(dim))

    def forward(self, image: Tensor) -> Tensor:
        return F.normalize(self.layers(image * 2 - 1), dim=1)


class _Residual(nn.Module):
    def __init__(self, c: int, out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(c, out, 3, stride=2, padding=1, bias=False),
            nn.GroupNorm(8, out),
            nn.SiLU(),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.GroupNorm(8, out),
        )
        self.skip = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(c, out, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.body(x) + self.skip(x))


class ResidualEmbedder(nn.Module):
    """A strided 5x5 stem, two strided residual blocks and a linear layer, with unit-length output.

    The blocks use GroupNorm and SiLU.

    Shapes: (B, channels, *size) in [0, 1], both sides multiples of 16 -> (B, dim).
    """

    def __init__(self, channels: int, dim: int = 96, width: int = 32, size: tuple[int, int] = (32, 32)) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, width, 5, stride=2, padding=2)
        self.blocks = nn.Sequential(_Residual(width, 2 * width), _Residual(2 * width, 4 * width))
        self.end = nn.Linear(4 * width * (size[0] // 8) * (size[1] // 8), dim)

    def forward(self, image: Tensor) -> Tensor:
        x = self.blocks(F.silu(self.stem(image)))
        return F.normalize(self.end(torch.flatten(x, 1)), dim=1)
