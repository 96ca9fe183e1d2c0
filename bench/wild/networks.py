"""Small networks with random weights whose outputs depend on the image."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import torch
from torch import nn

import worker.inversion.torchvision_ops  # noqa: F401 (must come before timm and torchvision)
from bench.wild.case import NAMES

CLASSES = len(NAMES)
SMALL = "test_resnet"
"""A ResNet of timm with 370,000 parameters."""


def timm_network(name: str = SMALL, classes: int = CLASSES, side: int = 32, **options: Any) -> Any:
    """Return a network of timm."""
    import timm

    torch.manual_seed(0)
    return settled(timm.create_model(name, num_classes=classes, **options), side)


def torchvision_network(name: str, side: int = 32, classes: int = CLASSES, **options: Any) -> Any:
    """Return a network of torchvision."""
    from torchvision import models

    torch.manual_seed(0)
    return settled(models.get_model(name, weights=None, num_classes=classes, **options), side)


def settled(network: Any, side: int = 32, channels: int = 3, scale: float = 4.0) -> Any:
    """Give BatchNorm the statistics of random images, and the last layer a few numbers to say."""
    torch.manual_seed(1)
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.rand(8, channels, side, side) * 4 - 2)
        linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
        linear[-1].weight.normal_(0, scale / linear[-1].in_features ** 0.5)
    return network.eval()


def convolutional(side: int = 32, classes: int = CLASSES, seed: int = 0) -> nn.Sequential:
    """Return a network of two convolutions, for exports of graphs."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(3, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32)]
    layers += [nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, classes)]
    network = nn.Sequential(*layers)
    settled(network, side)
    return network


def filled(shapes: dict[str, list[int]]) -> dict[str, torch.Tensor]:
    """Return numbers for named tensors that depend on the name alone, and are of a usual size."""
    return {name: _numbers(name, tuple(shape)) for name, shape in shapes.items()}


def _numbers(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(1)
    values = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape, np.float32)
    kind = name.rpartition(".")[2]
    if kind == "running_var":
        values = 0.5 + values**2
    elif kind == "weight" and len(shape) == 1:
        values = 1 + 0.1 * values
    elif kind == "weight" and len(shape) in (2, 4) and 1 not in shape[:1]:
        values = values / np.sqrt(max(1, np.prod(shape[1:]) / 2))
    else:
        values = 0.1 * values
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))
