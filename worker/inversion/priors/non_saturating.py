"""The non-saturating GAN with a gradient penalty at real images, for a small compute budget."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.priors.gan import GanTraining


class NonSaturating(GanTraining):
    """Updates critic and generator together, with one pass through the critic.

    L_D = E softplus(-D(x)) + E softplus(D(G(z))) + gp / 2 * E ||grad_x D(x)||^2
    L_G = E softplus(-D(G(z)))

    The critic scores every image by itself, so the gradients of both losses at a generated image
    differ only by a factor that depends on its score s: dL_G/dx = -exp(-s) dL_D/dx. This saves a
    fifth of a step compared to alternating updates. The penalty is applied in every `gp_every`-th
    step, at `gp_every` times its weight.

    Sources: Goodfellow et al., 2014 (losses); Mescheder et al., ICML 2018 (penalty, "R1"); Karras
    et al., CVPR 2020 (lazy penalty).
    """

    def penalty(self, x: Tensor) -> Tensor:
        """Return E ||grad_x D(x)||^2 at real images (B, C, H, W)."""
        x = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(self.D(x).sum(), x, create_graph=True)
        return slope.square().sum(dim=(1, 2, 3)).mean()

    def step(self) -> dict[str, Tensor]:
        r = self.recipe
        x = self.real(r.batch)
        fake = self.G(self.latents(r.batch))
        x_fake = fake.detach().requires_grad_()
        scores = self.D(self.augmented(torch.cat([x, x_fake])))
        s_real, s_fake = scores[: r.batch], scores[r.batch :]
        self.opt_D.zero_grad(set_to_none=True)
        self.opt_G.zero_grad(set_to_none=True)
        torch.autograd.backward(F.softplus(-s_real).mean() + F.softplus(s_fake).mean())
        assert x_fake.grad is not None
        fake.backward(-torch.exp(-s_fake.detach().clamp(min=-30))[:, None, None, None] * x_fake.grad)
        figures = {"real": s_real.detach().mean(), "fake": s_fake.detach().mean()}
        if self.done % r.gp_every == 0:
            penalty = self.penalty(x[: r.gp_images])
            torch.autograd.backward(r.gp / 2 * r.gp_every * penalty)
            figures["penalty"] = penalty.detach()
        self.opt_D.step()
        self.opt_G.step()
        self.average()
        return figures
