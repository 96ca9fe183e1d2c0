"""A trained prior: an attack's knowledge of the public images, without the target."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from worker.inversion.errors import EngineError, UnusableModel
from worker.inversion.layout import channels_last
from worker.inversion.priors.kedmi_discriminator import KedmiDiscriminator
from worker.inversion.priors.linear import GaussianRealism, LinearGenerator
from worker.inversion.priors.networks import Critic, Generator
from worker.inversion.priors.recipe import PriorRecipe

AnyGenerator = Generator | LinearGenerator
AnyCritic = Critic | KedmiDiscriminator | GaussianRealism


class Prior(nn.Module):
    """Generator G and critic D, frozen and in eval mode.

    Attributes:
        latent_dim: size d of z, drawn from N(0, I).
        shape: (C, H, W) of the images.
    """

    def __init__(self, G: AnyGenerator, D: AnyCritic, recipe: PriorRecipe, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.G, self.D, self.recipe, self.shape = G, D, recipe, shape
        self.latent_dim = recipe.latent_dim
        self.eval().requires_grad_(False).zero_grad(set_to_none=True)

    def decode(self, z: Tensor) -> Tensor:
        """Return images G(z) (B, C, H, W) in [0, 1] of latents (B, d)."""
        images: Tensor = self.G(z)
        return images

    def realism(self, images: Tensor) -> Tensor:
        """Return scores D(x) (B,) of images (B, C, H, W) in [0, 1].

        A higher score means more like the public images.
        """
        scores: Tensor = self.D(images)
        return scores


def networks(recipe: PriorRecipe, shape: tuple[int, int, int]) -> tuple[AnyGenerator, AnyCritic]:
    """Build the generator and critic of a recipe for images of shape (C, H, W), not trained."""
    if recipe.kind == "pca":
        return LinearGenerator(recipe.latent_dim, shape), GaussianRealism(recipe.latent_dim, shape)
    G = Generator(recipe.latent_dim, recipe.width, shape, recipe.kernel)
    if recipe.kind == "kedmi":
        return G, KedmiDiscriminator(recipe.width, shape, recipe.num_classes)
    return G, Critic(recipe.width, shape, recipe.kernel, recipe.critic_norm)


def save_prior(prior: Prior, path: Path, *, half: bool = False) -> None:
    """Write weights, recipe and shape as safetensors.

    `half` stores float16; loading returns float32.
    """
    tensors = {
        k: v.detach().contiguous().to(torch.float16 if half and v.is_floating_point() else v.dtype)
        for k, v in prior.state_dict().items()
    }
    meta = {"format": "exhume-prior/1", "recipe": json.dumps(prior.recipe.to_dict()), "shape": json.dumps(prior.shape)}
    save_file(tensors, path, metadata=meta)


def load_prior(path: Path) -> Prior:
    """Read a file of `save_prior`.

    Raises: UnusableModel when the file is not a prior, is damaged, or its weights do not fit its
        recipe.
    """
    try:
        with safe_open(path, framework="pt") as file:
            meta = file.metadata() or {}
            if meta.get("format") != "exhume-prior/1":
                raise UnusableModel(f"{Path(path).name} is not a prior written by Exhume")
            recipe = PriorRecipe.from_dict(json.loads(meta["recipe"]))
            c, h, w = json.loads(meta["shape"])
            tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118 (not a mapping)
        G, D = networks(recipe, (c, h, w))
        prior = Prior(G, D, recipe, (c, h, w))
        prior.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}, strict=True)
    except EngineError:
        raise
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise UnusableModel(f"prior {Path(path).name} cannot be read: {error}") from error
    return channels_last(prior)
