"""The recipe of a prior, and the key under which the prior is cached."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.inversion.errors import InvalidRecipe
from worker.inversion.keys import IMAGES, NETWORKS, Key, Maker

GAN = (
    *IMAGES,
    "worker.inversion.acceleration.bf16",
    "worker.inversion.acceleration.exactness",
    "worker.inversion.layout",
    "worker.inversion.priors.gan",
    "worker.inversion.priors.kernel_distance",
    "worker.inversion.priors.networks",
    "worker.inversion.priors.prior",
    "worker.inversion.priors.recipe",
    "worker.inversion.priors.training",
)
MAKERS = {
    maker.name: maker
    for maker in (
        Maker("wgan-gp", 1, (*GAN, "worker.inversion.priors.wgan_gp")),
        Maker("non-saturating", 1, (*GAN, "worker.inversion.priors.non_saturating")),
        Maker(
            "kedmi",
            2,
            (
                *GAN,
                *NETWORKS,
                "worker.inversion.priors.kedmi",
                "worker.inversion.priors.kedmi_discriminator",
            ),
        ),
        Maker(
            "pca",
            1,
            (
                *IMAGES,
                "worker.inversion.layout",
                "worker.inversion.priors.linear",
                "worker.inversion.priors.principal_components",
                "worker.inversion.priors.prior",
                "worker.inversion.priors.recipe",
            ),
        ),
    )
}

ADDED = {
    "kernel": 5,
    "critic_norm": True,
    "gp_every": 1,
    "mirror": False,
    "num_classes": 0,
    "augment": "",
    "patience": 0,
    "precision": "float32",
}
"""Fields added later. A recipe omits them at these values, so that older keys stay valid."""

COMPONENTS = 512
"""Principal components of a linear prior: about 95 % of the variance of 64x64 faces."""

AUGMENTATIONS = ("translation", "cutout", "colour")
PUBLISHED: dict[str, dict[str, Any]] = {
    "wgan-gp": {
        "n_critic": 5,
        "gp_images": 64,
        "lr_critic": 2e-4,
        "beta1": 0.5,
        "beta2": 0.999,
        "width": 64,
        "ema": 0.0,
    },
    "kedmi": {"n_critic": 5, "lr_critic": 2e-4, "beta1": 0.5, "beta2": 0.999, "ema": 0.0},
}  # fmt: skip
"""Settings of the papers: `PriorRecipe(steps=..., kind=..., **PUBLISHED[kind])`."""


@dataclass(frozen=True)
class PriorRecipe:
    """How a prior is trained.

    Attributes:
        steps: generator updates, each after `n_critic` critic updates on `batch` images. For
            "pca", rounds of subspace iteration; of the other fields it uses `latent_dim` and
            `mirror` only.
        kind: "wgan-gp" (see `wgan_gp`), "non-saturating" (see `non_saturating`), "kedmi" (see
            `kedmi`) or "pca" (see `principal_components`).
        kernel, critic_norm: see `networks`.
        gp: weight of the gradient penalty, computed on `gp_images` of each batch in every
            `gp_every`-th step.
        ema: decay of the running average of the generator's weights, which becomes the prior.
        flips, affine: random views of the public images, see `augmentation.random_views`.
        num_classes: of the target whose outputs a kedmi prior learns; 0 for the other kinds.
        augment: differentiable augmentation before the critic, a comma-separated list, see
            `augmentation.diff_augment`.
        patience: training stops when the kernel distance has not fallen in this number of
            measurements. With 0 it never stops early.
        mirror: half of the public images are mirrored left to right. For faces.
        precision: of the convolutions' products in training: "float32", or "bf16", which is faster
            on processors with bf16 units. Weights, losses and updates are float32 in both.
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
    kernel: int = 5
    critic_norm: bool = True
    gp_every: int = 1
    mirror: bool = False
    num_classes: int = 0
    augment: str = ""
    patience: int = 0
    precision: str = "float32"

    def __post_init__(self) -> None:
        if self.kind not in MAKERS:
            raise InvalidRecipe(f"prior kind {self.kind!r} is unknown; known: {sorted(MAKERS)}")
        if self.kernel not in (4, 5):
            raise InvalidRecipe(f"prior recipe: kernel must be 4 or 5, not {self.kernel}")
        for name in ("steps", "latent_dim", "width", "batch", "n_critic", "gp_images", "gp_every"):
            if int(getattr(self, name)) < 1:
                raise InvalidRecipe(f"prior recipe: {name} must be at least 1, not {getattr(self, name)}")
        if (self.kind == "kedmi") != (self.num_classes > 0):
            raise InvalidRecipe(f"prior recipe: num_classes {self.num_classes} does not fit kind {self.kind!r}")
        if unknown := {part for part in self.augment.split(",") if part} - set(AUGMENTATIONS):
            raise InvalidRecipe(f"prior recipe: augment {sorted(unknown)} is unknown; known: {list(AUGMENTATIONS)}")
        if self.precision not in ("float32", "bf16"):
            raise InvalidRecipe(f"prior recipe: precision must be float32 or bf16, not {self.precision!r}")
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
        return {k: v for k, v in dataclasses.asdict(self).items() if k not in ADDED or v != ADDED[k]}


def default_prior_recipe(shape: tuple[int, int, int], kind: str = "wgan-gp", *, num_classes: int = 0) -> dict[str, Any]:
    """Return an audit's default recipe for images of shape (C, H, W).

    Grey images are treated as drawings (random flips and quarter turns), colour images as
    photographs (none).
    """
    drawing = shape[0] == 1
    views: dict[str, Any] = {"flips": drawing, "affine": 1.0 if drawing else 0.3}
    if kind == "kedmi":
        published = PUBLISHED["kedmi"] | {"n_critic": 2, "ema": 0.999}
        return PriorRecipe(steps=3_000, kind=kind, num_classes=num_classes, **published, **views).to_dict()
    if kind == "pca":
        return PriorRecipe(steps=4, kind=kind, latent_dim=COMPONENTS, mirror=not drawing).to_dict()
    if kind == "non-saturating":
        cheap: dict[str, Any] = {"kernel": 4, "critic_norm": False, "gp": 0.2, "gp_every": 8, "lr_generator": 3e-4}
        return PriorRecipe(
            steps=8_000, kind=kind, lr_critic=3e-4, beta1=0.5, mirror=not drawing, **cheap, **views
        ).to_dict()
    return PriorRecipe(steps=8_000, kind=kind, width=32 if shape[1] <= 32 else 64, **views).to_dict()


def prior_key(images_digest: str, recipe: dict[str, Any], seed: int = 0, *, target: str | None = None) -> Key:
    """Return the digest "sha256:..." of public images, recipe, seed and code version.

    Args:
        target: digest of the target whose outputs a kedmi prior learns. Other kinds ignore it.
    """
    checked = PriorRecipe.from_dict(recipe)
    of_target = {}
    if checked.kind == "kedmi":
        if target is None:
            raise InvalidRecipe("a kedmi prior belongs to a target: pass its digest")
        of_target = {"target": target}
    return MAKERS[checked.kind].key(images=images_digest, recipe=checked.to_dict(), seed=seed, **of_target)


def bundled_prior(key: str) -> Path | None:
    """Return the prior shipped with the package under this key, or None."""
    folder = Path(__file__).resolve().parents[2] / "bundled"
    for card in sorted(folder.glob("prior-*.json")):
        if json.loads(card.read_text())["key"] == key:
            return card.with_suffix(".safetensors")
    return None


def built_in_prior(shape: tuple[int, int, int]) -> Path | None:
    """Return the prior shipped for any audit with images (C, H, W), or None.

    Its card contains `"built_in": true`. It was trained on other people's images, so it matches
    the public images less closely than a prior trained on them, but needs no training.
    """
    folder = Path(__file__).resolve().parents[2] / "bundled"
    for card in sorted(folder.glob("prior-*.json")):
        content = json.loads(card.read_text())
        if content.get("built_in") and tuple(content["shape"]) == tuple(shape):
            return card.with_suffix(".safetensors")
    return None
