"""Identity losses: how far an image is from identity y, per image and independent of the rest of the batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.registry import Registry

IdentityLoss = Callable[[Tensor, Tensor], Tensor]
"""(logits (B, K), y (B,) int64) -> loss (B,), lower = more like y."""

identity_losses: Registry[IdentityLoss] = Registry("identity loss")


@identity_losses.register("ce")
def ce(logits: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy, -log softmax(logits)_y: pulls less the more confident T is."""
    return F.cross_entropy(logits, y, reduction="none")


@identity_losses.register("lom")
def lom(logits: Tensor, y: Tensor) -> Tensor:
    """Logit maximisation, -logit_y: the first term of L_LOM (Nguyen et al., CVPR 2023)."""
    return -logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("centred_lom")
def centred_lom(logits: Tensor, y: Tensor) -> Tensor:
    """-(logit_y - mean_j logit_j): logit maximisation that a shift of all logits cannot satisfy (ours)."""
    return logits.mean(1) - logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("max_margin")
def max_margin(logits: Tensor, y: Tensor) -> Tensor:
    """-logit_y + max_{j != y} logit_j (Yuan et al., AAAI 2023, PLG-MI): keeps pulling, and keeps y the answer."""
    others = logits.scatter(1, y[:, None], -torch.inf).amax(1)
    return others - logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("poincare")
def poincare(logits: Tensor, y: Tensor) -> Tensor:
    """Distance in the Poincare ball of u = logits / ||logits||_1 and v = (1 - 1e-4) onehot(y).

    arcosh(1 + 2 ||u - v||^2 / ((1 - ||u||^2) (1 - ||v||^2))), Struppek et al., ICML 2022 (PPA).
    """
    xi = 1e-4
    u = logits / logits.abs().sum(1, keepdim=True).clamp_min(1e-12)
    v = F.one_hot(y, logits.shape[1]).to(logits) * (1 - xi)
    gap = (u - v).square().sum(1)
    shell = (1 - u.square().sum(1)).clamp_min(xi) * (1 - v.square().sum(1))
    return torch.acosh((1 + 2 * gap / shell).clamp_min(1 + 1e-7))


def feature_regulariser(features: Tensor, p_reg: Tensor, over: str = "mean") -> Tensor:
    """The second term of L_LOM: features (B, d), p_reg (d,) or (B, d) -> (B,).

    `over` "mean": mean_d (p(x) - p_reg)^2, as the paper's released code computes; "sum": the squared norm of the text.
    """
    square = (features - p_reg).square()
    return square.mean(1) if over == "mean" else square.sum(1)


def model_average(losses: list[Tensor]) -> Tensor:
    """1/(1+N) [L(T) + sum_i L(S_i)]: the identity loss under model augmentation; N = 0 gives L(T)."""
    return torch.stack(losses).mean(0)
