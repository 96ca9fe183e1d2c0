"""Two small image embedders of different architecture, used for verifiers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDES, LARGEST_INNER = 16, 96
"""The sides of both embedders are multiples of the first, and shrunk to the second."""


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


class Resized(nn.Module):
    """An embedder of images of another size, whose first layer resizes them.

    The output pixels are R_h x R_w^T, with the two matrices of `resizing`.

    Shapes: (B, channels, *size) in [0, 1] -> (B, dim).
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, embedder: nn.Module, size: tuple[int, int], inner: tuple[int, int]) -> None:
        super().__init__()
        self.embedder = embedder
        for name, before, after in (("rows", size[0], inner[0]), ("columns", size[1], inner[1])):
            self.register_buffer(name, torch.from_numpy(resizing(before, after)))

    def resize(self, image: Tensor) -> Tensor:
        """Return the images at the size of the embedder (B, channels, *inner)."""
        return self.rows @ image @ self.columns.T

    def forward(self, image: Tensor) -> Tensor:
        embedding: Tensor = self.embedder(self.resize(image))
        return embedding


def resizing(before: int, after: int) -> np.ndarray:
    """Return the matrix (after, before) that resizes a row of pixels, bilinear and antialiased.

    w_ij = max(0, 1 - |(j + 1/2) - s (i + 1/2)| / max(s, 1)), s = before / after, and each row is
    divided by its sum. The matrix is the identity where both sizes are the same.
    """
    scale = before / after
    distance = np.abs((np.arange(before) + 0.5)[None, :] - scale * (np.arange(after) + 0.5)[:, None])
    weights = np.clip(1 - distance / max(scale, 1.0), 0, None)
    matrix: np.ndarray = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    return matrix


def inner_size(height: int, width: int) -> tuple[int, int]:
    """Return the size at which an embedder works for images of this size."""
    shrink = min(1.0, LARGEST_INNER / max(height, width))
    return _multiple(height * shrink), _multiple(width * shrink)


def _multiple(side: float) -> int:
    return max(SIDES, int(np.ceil(round(side, 6) / SIDES)) * SIDES)
