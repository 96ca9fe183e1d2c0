"""The GMI prior: a Wasserstein GAN with gradient penalty, trained on public images only."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from worker.inversion.data import to_tensor
from worker.inversion.layout import channels_last
from worker.inversion.priors.augmentation import random_views
from worker.inversion.priors.networks import Critic, Generator
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.progress import Progress, silent


class WganGp:
    """State of one training run; `step()` is one critic update and one generator update.

    L_D = E D(G(z)) - E D(x) + gp * E (||grad D(x_hat)|| - 1)^2,   x_hat = e x + (1 - e) G(z), e ~ U(0, 1)
    L_G = -E D(G(z))

    The penalty is estimated on `gp_images` of the batch: unbiased, and the double backward is the dear part.
    Source: Gulrajani et al., NeurIPS 2017; sizes as in `networks`; one critic step with its own higher
    learning rate (Heusel et al., NeurIPS 2017) takes the place of five.
    """

    def __init__(self, images: np.ndarray, recipe: PriorRecipe, seed: int) -> None:
        self.recipe, self.images = recipe, images
        self.rng = torch.Generator().manual_seed(seed)
        c = images.shape[3] if images.ndim == 4 else 1
        self.shape = (c, images.shape[1], images.shape[2])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.G = channels_last(Generator(recipe.latent_dim, recipe.width, self.shape))
            self.D = channels_last(Critic(recipe.width, self.shape))
        self.ema = copy.deepcopy(self.G).requires_grad_(False)
        betas = (recipe.beta1, recipe.beta2)
        self.opt_G = torch.optim.Adam(self.G.parameters(), lr=recipe.lr_generator, betas=betas)
        self.opt_D = torch.optim.Adam(self.D.parameters(), lr=recipe.lr_critic, betas=betas)
        self.done = 0

    def real(self, n: int) -> Tensor:
        """n random public images, each in a random view: (n, C, H, W) in [0, 1]."""
        pick = torch.randint(len(self.images), (n,), generator=self.rng).numpy()
        views = to_tensor(self.images[pick])
        return random_views(views, flips=self.recipe.flips, affine=self.recipe.affine, generator=self.rng)

    def penalty(self, x: Tensor, fake: Tensor) -> Tensor:
        """E (||grad_x_hat D(x_hat)|| - 1)^2 over random points between real and generated images."""
        e = torch.rand(len(x), 1, 1, 1, generator=self.rng)
        x_hat = (e * x + (1 - e) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.D(x_hat).sum(), x_hat, create_graph=True)
        out: Tensor = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        return out

    def step(self) -> dict[str, float]:
        r = self.recipe
        for _ in range(r.n_critic):
            x = self.real(r.batch)
            fake = self.G(torch.randn(r.batch, r.latent_dim, generator=self.rng))
            scores = self.D(torch.cat([x, fake.detach()]))
            distance = scores[: r.batch].mean() - scores[r.batch :].mean()
            penalty = self.penalty(x[: r.gp_images], fake.detach()[: r.gp_images])
            self.opt_D.zero_grad(set_to_none=True)
            torch.autograd.backward(-distance + r.gp * penalty)
            self.opt_D.step()
        self.D.requires_grad_(False)
        self.opt_G.zero_grad(set_to_none=True)
        torch.autograd.backward(-self.D(fake).mean())
        self.opt_G.step()
        self.D.requires_grad_(True)
        self.done += 1
        decay = min(r.ema, (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            for mean, now in zip(self.ema.parameters(), self.G.parameters(), strict=True):
                mean.lerp_(now, 1 - decay)
        return {"distance": float(distance.detach()), "penalty": float(penalty.detach())}

    def prior(self) -> Prior:
        """The averaged generator, its batch statistics measured afresh, with the critic as realism score."""
        G = copy.deepcopy(self.ema).train()
        rng = torch.Generator().manual_seed(0)
        for layer in G.modules():
            if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
                layer.reset_running_stats()
                layer.momentum = None  # cumulative average
        with torch.no_grad():
            for _ in range(32):
                G(torch.randn(128, self.recipe.latent_dim, generator=rng))
        return Prior(G, copy.deepcopy(self.D), self.recipe, self.shape)

    def state(self) -> dict[str, Any]:
        return {
            "G": self.G.state_dict(),
            "D": self.D.state_dict(),
            "ema": self.ema.state_dict(),
            "opt_G": self.opt_G.state_dict(),
            "opt_D": self.opt_D.state_dict(),
            "rng": self.rng.get_state(),
            "done": self.done,
        }

    def resume(self, state: dict[str, Any]) -> None:
        self.G.load_state_dict(state["G"])
        self.D.load_state_dict(state["D"])
        self.ema.load_state_dict(state["ema"])
        self.opt_G.load_state_dict(state["opt_G"])
        self.opt_D.load_state_dict(state["opt_D"])
        self.rng.set_state(state["rng"])
        self.done = int(state["done"])


def train_prior(
    images: np.ndarray,
    recipe: dict[str, Any],
    *,
    seed: int,
    progress: Progress = silent,
    checkpoint: Path | None = None,
    every: int = 25,
) -> Prior:
    """Train the prior on public images.

    Args:
        images: uint8 (N, H, W) or (N, H, W, C), square, side a power of two from 16 on.
        recipe: see `recipe.PriorRecipe`; unknown keys are refused.
        checkpoint: file to resume from and to keep the state in; written every 250 steps, whole or not at all.

    Raises: InvalidRecipe, InvalidImages; whatever `progress` raises to cancel.
    """
    run = WganGp(images, PriorRecipe.from_dict(recipe), seed)
    if checkpoint is not None and checkpoint.exists():
        run.resume(torch.load(checkpoint, weights_only=True))
    while run.done < run.recipe.steps:
        figures = run.step()
        if run.done % every == 0 or run.done == run.recipe.steps:
            progress(run.done, run.recipe.steps, figures)
        if checkpoint is not None and (run.done % 250 == 0 or run.done == run.recipe.steps):
            part = checkpoint.with_suffix(".part")
            torch.save(run.state(), part)
            part.replace(checkpoint)
    return run.prior()
