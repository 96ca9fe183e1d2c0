"""In the sandbox: architectures that take the very same weights, and whether they compute the same with them.

timm's `efficientnet_b0` and `tf_efficientnet_b0` have the same names and shapes and pad differently: with the wrong one
a model loads, runs, and is a worse model. Which was trained, the weights can't say; the user is told what else fits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from app.formats.declared import DeclarationError
from worker.inversion.errors import EngineError
from worker.inversion.targets import InputConvention, Target, load_target

PROBES = 2
TOLERANCE = 1e-3
"""Of the spread of the outputs: far more than another order of additions makes, far less than another activation."""


def compare(path: Path, request: dict[str, Any], chosen: Target) -> tuple[list[str], list[str]]:
    """The rivals whose outputs for random images are those of the chosen architecture, and those with others."""
    convention, images = chosen.convention, _probes(chosen.convention)
    expected = _logits(chosen, images)
    same: list[str] = []
    other: list[str] = []
    for name in request.get("rivals", ()):
        try:
            rival = load_target(path, name, request["hyperparameters"], chosen.num_classes, convention)
            rival.outputs = chosen.outputs
            found = _logits(rival, images)
        except (EngineError, DeclarationError, RuntimeError):
            continue  # it does not take these weights or this size of images after all
        close = (found - expected).abs().max() <= TOLERANCE * expected.std().clamp_min(1e-6)
        (same if bool(close) else other).append(name)
    return same, other


def _probes(convention: InputConvention) -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.rand(PROBES, convention.channels, convention.height, convention.width, generator=rng)


def _logits(target: Target, images: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = target(images).logits
    return logits
