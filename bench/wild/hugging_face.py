"""Checkpoints of the library transformers, from recorded names, shapes and outputs.

`bench.make.hugging_face_models` records them. The numbers of the weights depend on the names
alone, so that the recorded outputs belong to them.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from bench.wild.case import NAMES, Checkpoint, described
from bench.wild.networks import filled

RECORDED = Path(__file__).with_name("hugging_face.json.xz")


@cache
def recorded() -> dict[str, dict[str, Any]]:
    """Return for each model its `side`, `shapes` by name, and `logits` for `images`."""
    found: dict[str, dict[str, Any]] = json.loads(lzma.decompress(RECORDED.read_bytes()))
    return found


def images(side: int) -> torch.Tensor:
    """Return the two images that the outputs belong to, as the networks see them."""
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def _model(name: str) -> Callable[[Path], Checkpoint]:
    def make(folder: Path) -> Checkpoint:
        found = recorded()[name]
        save_file(filled(found["shapes"]), folder / "model.safetensors", {"format": "pt"})
        logits, side = torch.tensor(found["logits"]), found["side"]

        def original(_seen: torch.Tensor) -> torch.Tensor:
            return logits

        original.images = lambda: images(side)  # type: ignore[attr-defined]
        given = described(side=side, convention={"mean": [0.0] * 3, "std": [1.0] * 3}, classes=NAMES)
        return Checkpoint(folder / "model.safetensors", original, given)

    return make


HUGGING_FACE: dict[str, Callable[[Path], Checkpoint]] = {
    f"hugging_face_{name}": _model(name)
    for name in (
        *("vit", "deit", "deit_with_teacher", "swin", "convnext", "convnextv2", "resnet", "resnet_bottleneck"),
        *("mobilenet_v1", "mobilenet_v2", "efficientnet", "dinov2"),
    )
}
