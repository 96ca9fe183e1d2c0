"""Comparison, in the sandbox, of architectures that the same weights fit.

timm's `efficientnet_b0` and `tf_efficientnet_b0` have the same names and shapes but pad
differently. With the wrong one, a model loads and runs but is worse. The weights do not show which
one was trained, so a note lists the others.
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
"""Fraction of the outputs' deviation: far above rounding, far below another activation."""


def compare(path: Path, request: dict[str, Any], chosen: Target) -> tuple[list[str], list[str]]:
    """Return the rivals with the same outputs for random images as `chosen`, and the others."""
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
            continue  # it does not fit these weights or this size of images after all
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
