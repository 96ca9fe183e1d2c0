"""Architectures by name: ours, timm's and torchvision's classifiers, with strictly checked hyper-parameters."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from worker.inversion.errors import InvalidHyperparameters, UnknownArchitecture
from worker.inversion.targets.graph import ARCHITECTURE, GraphNetwork
from worker.inversion.targets.ir import ImprovedResNet
from worker.inversion.targets.regnet import widths_on_cpu
from worker.inversion.targets.small_cnn import SmallCnn
from worker.inversion.targets.vgg16_bn import Vgg16Bn

Hyperparameter = tuple[type, float, float]
"""Type and inclusive bounds; bool and str ignore the bounds."""

IR: dict[str, Hyperparameter] = {
    "input_size": (int, 32, 224),
    "feature_dim": (int, 8, 2048),
    "dropout": (float, 0.0, 0.9),
}
OWN: dict[str, tuple[Callable[..., nn.Module], dict[str, Hyperparameter]]] = {
    "exhume/small-cnn": (
        SmallCnn,
        {
            "width": (int, 4, 256),
            "depth": (int, 1, 4),
            "feature_dim": (int, 8, 2048),
            "kernel": (int, 1, 7),
            "dropout": (float, 0.0, 0.9),
        },
    ),
    "exhume/vgg16-bn": (Vgg16Bn, {"input_size": (int, 32, 224)}),
    "exhume/ir-50": (partial(ImprovedResNet, layers=50), IR),
    "exhume/ir-152": (partial(ImprovedResNet, layers=152), IR),
}
TIMM: dict[str, Hyperparameter] = {
    "drop_rate": (float, 0.0, 0.9),
    "global_pool": (str, 0, 0),
    "img_size": (int, 16, 1024),
    "patch_size": (int, 2, 64),
}
TORCHVISION: dict[str, Hyperparameter] = {"aux_logits": (bool, 0, 0), "image_size": (int, 16, 1024)}


@cache
def architecture_names() -> tuple[str, ...]:
    """Every accepted name, from the committed list (`bench/list_architectures.py` writes it)."""
    names: list[str] = json.loads((Path(__file__).resolve().parents[1] / "architectures.json").read_text())
    return tuple(names)


def check_architecture(name: str) -> None:
    """Raise UnknownArchitecture, with the nearest names, unless the name is known."""
    if name not in architecture_names():
        raise UnknownArchitecture(name, difflib.get_close_matches(name, architecture_names(), n=3, cutoff=0.5))


def build_network(
    architecture: str, hyperparameters: dict[str, Any], num_classes: int, channels: int, *, seed: int = 0
) -> nn.Module:
    """A freshly initialised network, the same for the same seed; the global random state is left as it was.

    Raises: UnknownArchitecture, InvalidHyperparameters.
    """
    check_architecture(architecture)
    if architecture == ARCHITECTURE:
        raise InvalidHyperparameters(f"{architecture} is built from an ONNX file alone: its graph is in the file")
    family, _, name = architecture.partition("/")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            if family == "exhume":
                build, allowed = OWN[architecture]
                _check(architecture, hyperparameters, allowed)
                return build(num_classes, channels, **hyperparameters)
            import worker.inversion.torchvision_ops  # noqa: F401 (must come before timm and torchvision)

            if family == "timm":
                import timm

                _check(architecture, hyperparameters, TIMM)
                network = timm.create_model(
                    name, pretrained=False, num_classes=num_classes, in_chans=channels, **hyperparameters
                )
            else:
                from torchvision import models

                _check(architecture, hyperparameters, TORCHVISION)
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


def _check(architecture: str, given: dict[str, Any], allowed: dict[str, Hyperparameter]) -> None:
    for name, value in given.items():
        if name not in allowed:
            raise InvalidHyperparameters(f"{architecture} has no hyper-parameter {name!r}; known: {sorted(allowed)}")
        kind, low, high = allowed[name]
        right = isinstance(value, kind) or (kind is float and isinstance(value, int))
        if not right or (isinstance(value, bool) and kind is not bool):
            raise InvalidHyperparameters(f"{architecture}: {name} must be {kind.__name__}, not {value!r}")
        if kind in (int, float) and not low <= value <= high:
            raise InvalidHyperparameters(f"{architecture}: {name} must be from {low} to {high}, not {value!r}")


def head_of(network: nn.Module, num_classes: int) -> nn.Module:
    """The layer whose input is the penultimate feature: the last Linear (or 1x1 Conv2d) with num_classes outputs.

    Raises: InvalidHyperparameters when there is none.
    """
    if isinstance(network, GraphNetwork):
        return network.head
    linear = [m for m in network.modules() if isinstance(m, nn.Linear) and m.out_features == num_classes]
    conv = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.out_channels == num_classes]
    if not linear and not conv:
        raise InvalidHyperparameters(f"{type(network).__name__} has no layer with {num_classes} outputs")
    return linear[-1] if linear else conv[-1]
