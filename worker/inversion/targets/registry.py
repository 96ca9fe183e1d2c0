"""Architectures of Exhume, timm and torchvision by name, with checked hyper-parameters."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn

from app.formats.declared import InvalidHyperparameters, check_architecture, check_hyperparameters
from worker.inversion.graph import ARCHITECTURE
from worker.inversion.targets.graph import GraphNetwork
from worker.inversion.targets.ir import ImprovedResNet
from worker.inversion.targets.iresnet import UNITS, InsightResNet
from worker.inversion.targets.regnet import widths_on_cpu
from worker.inversion.targets.small_cnn import SmallCnn
from worker.inversion.targets.vgg16_bn import Vgg16Bn

OWN: dict[str, Callable[..., nn.Module]] = {
    "exhume/small-cnn": SmallCnn,
    "exhume/vgg16-bn": Vgg16Bn,
    "exhume/ir-50": partial(ImprovedResNet, layers=50),
    "exhume/ir-152": partial(ImprovedResNet, layers=152),
    **{f"exhume/iresnet-{layers}": partial(InsightResNet, layers=layers) for layers in UNITS},
}


def build_network(
    architecture: str, hyperparameters: dict[str, Any], num_classes: int, channels: int, *, seed: int = 0
) -> nn.Module:
    """Return an initialised network, the same for the same seed.

    The global random state is not changed.

    Raises: UnknownArchitecture, InvalidHyperparameters.
    """
    check_architecture(architecture)
    if architecture == ARCHITECTURE:
        raise InvalidHyperparameters(f"{architecture} can only be built from an ONNX file, which contains its graph")
    check_hyperparameters(architecture, hyperparameters)
    family, _, name = architecture.partition("/")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # `torch.manual_seed` would also seed GPUs
        try:
            if family == "exhume":
                return OWN[architecture](num_classes, channels, **hyperparameters)
            import worker.inversion.torchvision_ops  # noqa: F401 (must come before timm and torchvision)

            if family == "timm":
                import timm

                network = timm.create_model(
                    name, pretrained=False, num_classes=num_classes, in_chans=channels, **hyperparameters
                )
            else:
                from torchvision import models

                if channels != 3:
                    raise InvalidHyperparameters(f"{architecture} takes 3 channels, not {channels}")
                extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
                with widths_on_cpu() if name.startswith("regnet_") else nullcontext():
                    network = models.get_model(name, weights=None, num_classes=num_classes, **extra, **hyperparameters)
        except (TypeError, ValueError, RuntimeError, AssertionError) as error:
            if isinstance(error, InvalidHyperparameters):
                raise
            raise InvalidHyperparameters(f"{architecture} cannot be built with {hyperparameters}: {error}") from error
    assert isinstance(network, nn.Module)
    return network


def head_of(network: nn.Module, num_classes: int) -> nn.Module:
    """Return the layer whose input is the penultimate feature.

    It is the last Linear (or else Conv2d) with num_classes outputs.

    Raises: InvalidHyperparameters when there is none.
    """
    if isinstance(network, GraphNetwork):
        return network.head
    linear = [m for m in network.modules() if isinstance(m, nn.Linear) and m.out_features == num_classes]
    conv = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.out_channels == num_classes]
    if not linear and not conv:
        raise InvalidHyperparameters(f"{type(network).__name__} has no layer with {num_classes} outputs")
    return linear[-1] if linear else conv[-1]
