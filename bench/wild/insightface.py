"""A face network as insightface saves it: the backbone in one file, the classes in others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from bench.wild.case import HALVES, Checkpoint, described
from bench.wild.networks import CLASSES, settled

UNITS = {18: (2, 2, 2, 2), 50: (3, 4, 14, 3)}
SCALE = 64.0


class _Block(nn.Module):
    def __init__(self, c: int, out: int, stride: int) -> None:
        super().__init__()
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(c), nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        self.conv1 = nn.Conv2d(c, out, 3, 1, 1, bias=False)
        self.conv2 = nn.Conv2d(out, out, 3, stride, 1, bias=False)
        self.prelu = nn.PReLU(out)
        self.downsample: Any = None
        if stride != 1 or c != out:
            self.downsample = nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: torch.Tensor) -> Any:
        identity = x if self.downsample is None else self.downsample(x)
        x = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(x)) + identity


class Backbone(nn.Module):
    """The embedding of a face, (N, 3, side, side) -> (N, 512), with the names of insightface."""

    def __init__(self, layers: int, side: int) -> None:
        super().__init__()
        self.conv1, self.bn1, self.prelu = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)
        c = 64
        for stage, (count, out) in enumerate(zip(UNITS[layers], (64, 128, 256, 512), strict=True), start=1):
            blocks = [_Block(c, out, 2), *(_Block(out, out, 1) for _ in range(count - 1))]
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            c = out
        self.bn2 = nn.BatchNorm2d(512)
        self.fc = nn.Linear(512 * (side // 16) ** 2, 512)
        self.features = nn.BatchNorm1d(512)

    def forward(self, x: torch.Tensor) -> Any:
        x = self.prelu(self.bn1(self.conv1(x)))
        for stage in range(1, 5):
            x = self.get_submodule(f"layer{stage}")(x)
        return self.features(self.fc(torch.flatten(self.bn2(x), 1)))


def backbone(layers: int, side: int) -> Any:
    """Return a backbone with random weights."""
    torch.manual_seed(0)
    return settled(Backbone(layers, side), side, scale=1.0)


def classes(count: int = CLASSES, features: int = 512) -> torch.Tensor:
    """Return a matrix of classes."""
    return torch.randn(count, features, generator=torch.Generator().manual_seed(3))


def cosines(body: Any, weight: torch.Tensor, scale: float = SCALE) -> Any:
    """Return the trained model without its margin."""
    return lambda images: scale * F.linear(F.normalize(body(images)), F.normalize(weight))


def insightface(folder: Path, layers: int = 50, side: int = 112) -> Checkpoint:
    """Two processes of arcface_torch: a checkpoint and a part of the classes of each."""
    body, weight = backbone(layers, side), classes()
    torch.save({f"module.{name}": value for name, value in body.state_dict().items()}, folder / "backbone.pth")
    heads = tuple(folder / f"softmax_fc_gpu_{rank}.pt" for rank in range(2))
    for file, part in zip(heads, (weight[:3], weight[3:]), strict=True):
        torch.save({"weight": part.clone()}, file)
    given = described(side=side, convention=HALVES)
    return Checkpoint(folder / "backbone.pth", cosines(body, weight), given, heads=heads)


def insightface_alone(folder: Path) -> Checkpoint:
    """The backbone, without its classes."""
    found = insightface(folder, 18, 32)
    return Checkpoint(found.file, None, found.description)
