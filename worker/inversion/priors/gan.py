"""Shared training of GAN priors: networks, optimisers, views, averaging and saved state."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from worker.inversion.data import to_tensor
from worker.inversion.errors import InvalidImages
from worker.inversion.layout import channels_last
from worker.inversion.priors.augmentation import diff_augment, random_views
from worker.inversion.priors.prior import Prior, networks
from worker.inversion.priors.recipe import PriorRecipe


class GanTraining(ABC):
    """State of one training run. A subclass implements the losses in `step()`.

    Args:
        images: public images, uint8 (N, H, W) or (N, H, W, C), square, side a power of two from 16
            on.

    Raises: InvalidImages.

    Attributes:
        G, D, ema: generator, critic, and the running average of the generator's weights.
        done: generator updates so far.
        measured: kernel distances so far.
    """

    def __init__(self, images: np.ndarray, recipe: PriorRecipe, seed: int, device: str | torch.device = "cpu") -> None:
        self.recipe, self.images, self.device = recipe, images, torch.device(device)
        self.rng = torch.Generator().manual_seed(seed)
        c = images.shape[3] if images.ndim == 4 else 1
        self.shape = (c, images.shape[1], images.shape[2])
        _, height, width = self.shape
        if height != width or height < 16 or height & (height - 1):
            raise InvalidImages(
                f"a generator is trained on square images with a side of 16, 32, 64, ...; these are {height}x{width}: "
                "resize them, or use the prior of principal components (pca), which accepts any size"
            )
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            G, D = networks(recipe, self.shape)
        self.G, self.D = channels_last(G.to(self.device)), channels_last(D.to(self.device))
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        self.G.bf16 = self.D.bf16 = recipe.precision == "bf16"
        betas = (recipe.beta1, recipe.beta2)
        self.opt_G = torch.optim.Adam(self.G.parameters(), lr=recipe.lr_generator, betas=betas)
        self.opt_D = torch.optim.Adam(self.D.parameters(), lr=recipe.lr_critic, betas=betas)
        self.done = 0
        self.measured: list[float] = []

    @abstractmethod
    def step(self) -> dict[str, Tensor]:
        """Update critic and generator once, call `average`, and return the figures to show.

        They stay on the device: to read a value makes a GPU wait.
        """

    def real(self, n: int) -> Tensor:
        """Return n random public images, each in a random view: (n, C, H, W) in [0, 1]."""
        r = self.recipe
        pick = torch.randint(len(self.images), (n,), generator=self.rng).numpy()
        chosen = to_tensor(self.images[pick]).to(self.device)
        views = random_views(chosen, flips=r.flips, affine=r.affine, generator=self.rng)
        if r.mirror:
            turned = torch.rand(n, generator=self.rng) < 0.5
            views = torch.where(turned.to(self.device)[:, None, None, None], views.flip(3), views)
        return views.contiguous(memory_format=torch.channels_last)

    def latents(self, n: int) -> Tensor:
        """Draw n latents (n, d) from N(0, I) on the CPU, the same for every device."""
        return torch.randn(n, self.recipe.latent_dim, generator=self.rng).to(self.device)

    def augmented(self, images: Tensor) -> Tensor:
        """Apply the recipe's differentiable augmentation to images before the critic sees them."""
        return diff_augment(images, self.recipe.augment, self.rng)

    def on_plateau(self) -> bool:
        """Return whether the last `patience` measurements brought no new best."""
        patience = self.recipe.patience
        return 0 < patience < len(self.measured) and min(self.measured[-patience:]) >= min(self.measured[:-patience])

    def average(self) -> None:
        """Count the step and move the average towards the generator, faster in the first steps."""
        self.done += 1
        decay = min(self.recipe.ema, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            for mean, now in zip(self.ema.parameters(), self.G.parameters(), strict=True):
                mean.lerp_(now, 1 - decay)

    def prior(self) -> Prior:
        """Return the averaged generator with the critic as realism score.

        The generator's batch statistics are measured again.
        """
        G = copy.deepcopy(self.ema).train()
        rng = torch.Generator().manual_seed(0)
        for layer in G.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.reset_running_stats()
                layer.momentum = None  # cumulative average
        with torch.no_grad():
            for _ in range(32):
                G(torch.randn(128, self.recipe.latent_dim, generator=rng).to(self.device))
        D = copy.deepcopy(self.D)
        D.bf16 = False
        return Prior(G, D, self.recipe, self.shape)

    def state(self) -> dict[str, Any]:
        """Return all state that `resume` needs to continue exactly, including random state."""
        return {
            "G": self.G.state_dict(),
            "D": self.D.state_dict(),
            "ema": self.ema.state_dict(),
            "opt_G": self.opt_G.state_dict(),
            "opt_D": self.opt_D.state_dict(),
            "rng": self.rng.get_state(),
            "done": self.done,
            "measured": list(self.measured),
        }

    def resume(self, state: dict[str, Any]) -> None:
        self.G.load_state_dict(state["G"])
        self.D.load_state_dict(state["D"])
        self.ema.load_state_dict(state["ema"])
        self.opt_G.load_state_dict(state["opt_G"])
        self.opt_D.load_state_dict(state["opt_D"])
        self.rng.set_state(state["rng"])
        self.done = int(state["done"])
        self.measured = list(state.get("measured", []))  # absent from checkpoints of older runs
