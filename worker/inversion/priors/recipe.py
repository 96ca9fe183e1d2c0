"""What a prior is made from: its recipe, and the key under which it is cached."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.inversion.errors import InvalidRecipe

CODE_VERSION = "wgan-gp/1"
"""Raised when a change to the training code changes its result, so that no older prior is reused."""


@dataclass(frozen=True)
class PriorRecipe:
    """A WGAN-GP recipe.

    Attributes:
        steps: generator updates, each after `n_critic` critic updates on `batch` images.
        gp: weight of the gradient penalty, taken on `gp_images` of each batch.
        ema: decay of the running average of the generator's weights, which is what is kept.
        flips, affine: random views of the public images, see `augmentation.random_views`.
    """

    steps: int
    kind: str = "wgan-gp"
    latent_dim: int = 100
    width: int = 32
    batch: int = 64
    n_critic: int = 1
    gp: float = 10.0
    gp_images: int = 16
    lr_generator: float = 2e-4
    lr_critic: float = 5e-4
    beta1: float = 0.0
    beta2: float = 0.99
    ema: float = 0.999
    flips: bool = False
    affine: float = 0.0

    def __post_init__(self) -> None:
        if self.kind != "wgan-gp":
            raise InvalidRecipe(f"prior kind {self.kind!r} is unknown; known: 'wgan-gp'")
        for name in ("steps", "latent_dim", "width", "batch", "n_critic", "gp_images"):
            if int(getattr(self, name)) < 1:
                raise InvalidRecipe(f"prior recipe: {name} must be at least 1, not {getattr(self, name)}")
        if self.gp_images > self.batch:
            raise InvalidRecipe(f"prior recipe: gp_images {self.gp_images} exceeds batch {self.batch}")

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PriorRecipe:
        known = {f.name for f in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise InvalidRecipe(f"prior recipe has unknown keys {unknown}; known: {sorted(known)}")
        if "steps" not in values:
            raise InvalidRecipe("prior recipe lacks 'steps'")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def default_prior_recipe(shape: tuple[int, int, int]) -> dict[str, Any]:
    """The recipe an audit uses for images of shape (C, H, W) unless told otherwise.

    Grey images are taken for drawings (random flips and quarter turns), colour ones for photographs (none).
    """
    drawing = shape[0] == 1
    return PriorRecipe(
        steps=8_000, width=32 if shape[1] <= 32 else 64, flips=drawing, affine=1.0 if drawing else 0.3
    ).to_dict()


def prior_key(images_digest: str, recipe: dict[str, Any], seed: int = 0) -> str:
    """Content digest "sha256:..." of what determines a prior: public images, recipe, seed and code version."""
    content = {
        "images": images_digest,
        "recipe": PriorRecipe.from_dict(recipe).to_dict(),
        "seed": seed,
        "code": CODE_VERSION,
    }
    return "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def bundled_prior(key: str) -> Path | None:
    """The prior shipped with the package under this key, or None."""
    folder = Path(__file__).resolve().parents[2] / "bundled"
    for card in sorted(folder.glob("prior-*.json")):
        if json.loads(card.read_text())["key"] == key:
            return card.with_suffix(".safetensors")
    return None
