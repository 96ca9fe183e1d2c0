"""Identity losses: the distance of an image from identity y, per image.

A loss does not depend on the rest of the batch.
"""

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
    """Cross-entropy, -log softmax(logits)_y. Its gradient shrinks as T becomes confident."""
    return F.cross_entropy(logits, y, reduction="none")


@identity_losses.register("lom")
def lom(logits: Tensor, y: Tensor) -> Tensor:
    """Logit maximisation, -logit_y: the first term of L_LOM (Nguyen et al., CVPR 2023)."""
    return -logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("centred_lom")
def centred_lom(logits: Tensor, y: Tensor) -> Tensor:
    """-(logit_y - mean_j logit_j): logit maximisation without a shift of all logits (ours)."""
    return logits.mean(1) - logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("max_margin")
def max_margin(logits: Tensor, y: Tensor) -> Tensor:
    """-logit_y + max_{j != y} logit_j. Its gradient does not vanish, and y stays the answer.

    Source: Yuan et al., AAAI 2023 (PLG-MI).
    """
    others = logits.scatter(1, y[:, None], -torch.inf).amax(1)
    return others - logits.gather(1, y[:, None]).squeeze(1)


@identity_losses.register("poincare")
def poincare(logits: Tensor, y: Tensor) -> Tensor:
    """Distance in the Poincare ball of u = logits / ||logits||_1 and v = (1 - 1e-4) onehot(y).

    arcosh(1 + 2 ||u - v||^2 / ((1 - ||u||^2) (1 - ||v||^2))), Struppek et al., ICML 2022 (PPA).
    """
    xi = 1e-4
    u = logits / logits.abs().sum(1, keepdim=True).clamp_min(1e-12)
    is_own = y[:, None] == torch.arange(logits.shape[1], device=y.device)  # one_hot reads y on a CPU
    v = is_own.to(logits) * (1 - xi)
    gap = (u - v).square().sum(1)
    shell = (1 - u.square().sum(1)).clamp_min(xi) * (1 - v.square().sum(1))
    return torch.acosh((1 + 2 * gap / shell).clamp_min(1 + 1e-7))


def feature_regulariser(features: Tensor, p_reg: Tensor, over: str = "mean") -> Tensor:
    """The second term of L_LOM: features (B, d), p_reg (d,) or (B, d) -> (B,).

    `over` "mean" is mean_d (p(x) - p_reg)^2, as in the paper's released code. "sum" is the squared
    norm, as in its text.
    """
    square = (features - p_reg).square()
    return square.mean(1) if over == "mean" else square.sum(1)


def model_average(losses: list[Tensor]) -> Tensor:
    """1/(1+N) [L(T) + sum_i L(S_i)], the loss under model augmentation; N = 0 gives L(T)."""
    return torch.stack(losses).mean(0)
