"""Identity losses: how far an image is from identity y, per image and independent of the rest of the batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

IdentityLoss = Callable[[Tensor, Tensor], Tensor]
"""(logits (B, K), y (B,) int64) -> loss (B,), lower = more like y."""


def ce(logits: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy, -log softmax(logits)_y: pulls less the more confident T is."""
    return F.cross_entropy(logits, y, reduction="none")


def lom(logits: Tensor, y: Tensor) -> Tensor:
    """Logit maximisation, -logit_y: the first term of L_LOM (Nguyen et al., CVPR 2023)."""
    return -logits.gather(1, y[:, None]).squeeze(1)


def feature_regulariser(features: Tensor, p_reg: Tensor) -> Tensor:
    """mean_d (p(x) - p_reg)^2: the second term of L_LOM. features (B, d), p_reg (d,) -> (B,).

    The paper writes the squared norm; its released code takes the mean over d, as here.
    """
    return (features - p_reg).square().mean(1)


def model_average(losses: list[Tensor]) -> Tensor:
    """1/(1+N) [L(T) + sum_i L(S_i)]: the identity loss under model augmentation; N = 0 gives L(T)."""
    return torch.stack(losses).mean(0)
