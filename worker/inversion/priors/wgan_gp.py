"""The GMI prior: a Wasserstein GAN with gradient penalty, trained on public images only."""

from __future__ import annotations

import torch
from torch import Tensor

from worker.inversion.priors.gan import GanTraining


class WganGp(GanTraining):
    """Updates the critic `n_critic` times and the generator once per step.

    L_D = E D(G(z)) - E D(x) + gp * E (||grad D(x_hat)|| - 1)^2,   x_hat = e x + (1 - e) G(z), e ~
    U(0, 1)
    L_G = -E D(G(z))

    The penalty is estimated on `gp_images` of the batch. The estimate is unbiased, and it shortens
    the double backward pass, which is the expensive part. By default one critic update at its own
    higher learning rate (Heusel et al., NeurIPS 2017) replaces five.

    Source: Gulrajani et al., NeurIPS 2017; sizes as in `networks`.
    """

    def penalty(self, x: Tensor, fake: Tensor) -> Tensor:
        """Return E (||grad_x_hat D(x_hat)|| - 1)^2 at random points between real and fake."""
        e = torch.rand(len(x), 1, 1, 1, generator=self.rng).to(self.device)
        x_hat = (e * x + (1 - e) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.D(x_hat).sum(), x_hat, create_graph=True)
        out: Tensor = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        return out

    def step(self) -> dict[str, Tensor]:
        r = self.recipe
        for _ in range(r.n_critic):
            x = self.real(r.batch)
            fake = self.G(self.latents(r.batch))
            scores = self.D(self.augmented(torch.cat([x, fake.detach()])))
            distance = scores[: r.batch].mean() - scores[r.batch :].mean()
            penalty = self.penalty(x[: r.gp_images], fake.detach()[: r.gp_images])
            self.opt_D.zero_grad(set_to_none=True)
            torch.autograd.backward(-distance + r.gp * penalty)
            self.opt_D.step()
        self.D.requires_grad_(False)
        self.opt_G.zero_grad(set_to_none=True)
        torch.autograd.backward(-self.D(self.augmented(fake)).mean())
        self.opt_G.step()
        self.D.requires_grad_(True)
        self.average()
        return {"distance": distance.detach(), "penalty": penalty.detach()}
