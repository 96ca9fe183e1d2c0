"""The KEDMI prior: a GAN whose discriminator learns the target's outputs for public images."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.frozen import frozen
from worker.inversion.priors.gan import GanTraining
from worker.inversion.priors.kedmi_discriminator import KedmiDiscriminator
from worker.inversion.priors.networks import multiplying
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.targets.target import Target

ENTROPY_WEIGHT = 1e-4


def discriminator_loss(labelled: Tensor, T: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """L_D of logits (B, K) for labelled public, unlabelled public and generated images.

    softCE(D(x), softmax T(x)) + 1/2 [E softplus l(x_u) - E l(x_u) + E softplus l(G(z))], l =
    logsumexp D. T holds the target's logits for the labelled images.
    """
    soft = -(T.softmax(1) * labelled.log_softmax(1)).sum(1).mean()
    l_u, l_g = torch.logsumexp(real, 1), torch.logsumexp(fake, 1)
    return soft + 0.5 * (F.softplus(l_u).mean() - l_u.mean() + F.softplus(l_g).mean())


def generator_loss(f_fake: Tensor, f_real: Tensor, fake: Tensor) -> Tensor:
    """L_G = mean_j |E f_j(G(z)) - E f_j(x_u)| + 1e-4 * sum_batch H(softmax D(G(z))).

    The entropy H is minimised.
    """
    entropy = -(fake.softmax(1) * fake.log_softmax(1)).sum()
    return (f_fake.mean(0) - f_real.mean(0)).abs().mean() + ENTROPY_WEIGHT * entropy


class KedmiGan(GanTraining):
    """Takes `n_critic` discriminator updates per generator update. T labels every batch."""

    def __init__(
        self, images: np.ndarray, recipe: PriorRecipe, seed: int, target: Target, device: str | torch.device = "cpu"
    ) -> None:
        super().__init__(images, recipe, seed, device)
        self.T = target

    def labels(self, x: Tensor) -> Tensor:
        """Return T's logits (B, K) in eval mode, and restore T's flags."""
        with frozen(self.T), torch.no_grad(), multiplying(self.recipe.precision == "bf16", x):
            logits: Tensor = self.T(x).logits
        return logits.float()

    def step(self) -> dict[str, Tensor]:
        r, D = self.recipe, self.D
        assert isinstance(D, KedmiDiscriminator)
        for _ in range(r.n_critic):
            x, x_u = self.real(r.batch), self.real(r.batch)
            fake = self.G(self.latents(r.batch))
            scored = [logits for _, logits in D.in_batches(x, x_u, fake.detach())]
            loss_D = discriminator_loss(scored[0], self.labels(x), scored[1], scored[2])
            self.opt_D.zero_grad(set_to_none=True)
            torch.autograd.backward(loss_D)
            self.opt_D.step()
        D.requires_grad_(False)
        with torch.no_grad():
            f_real = D.features(x_u)
        ((f_fake, logits),) = D.in_batches(fake)
        loss_G = generator_loss(f_fake, f_real, logits)
        self.opt_G.zero_grad(set_to_none=True)
        torch.autograd.backward(loss_G)
        self.opt_G.step()
        D.requires_grad_(True)
        self.average()
        return {"discriminator": loss_D.detach(), "generator": loss_G.detach()}

    def prior(self) -> Prior:
        """Return the averaged generator, and the discriminator with fixed companions.

        The companions are samples of the generator.
        """
        prior = super().prior()
        D, rng = prior.D, torch.Generator().manual_seed(1)
        assert isinstance(D, KedmiDiscriminator)
        with torch.no_grad():
            samples = prior.decode(torch.randn(D.COMPANIONS, self.recipe.latent_dim, generator=rng).to(self.device))
            D.reference.copy_(D.projected(D.features(samples)))
        return prior
