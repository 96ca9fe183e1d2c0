"""The identity objective of every attack: loss under the model set, regulariser under T."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from worker.inversion.losses import IdentityLoss, feature_regulariser, model_average
from worker.inversion.targets.target import Target


class PublicFeatures(NamedTuple):
    """Mean and standard deviation (d,) of T's penultimate feature over public images."""

    mean: Tensor
    std: Tensor


class ModelSet(NamedTuple):
    """The models that an attack optimises: target T and, with model augmentation, students S_i."""

    T: Target
    students: Sequence[Target] = ()


class IdentityObjective:
    """L(x, y) = 1/(1+N) [L_id(T) + sum_i L_id(S_i)] + lambda * R(T)

    R = mean_d or sum_d (p(x) - p_reg)^2. N = 0 without students, and lambda = 0 without logit
    loss. R uses T alone and keeps its full weight.
    Source: Nguyen et al., CVPR 2023, equations of L_LOM and of model augmentation.
    """

    def __init__(self, models: ModelSet, loss: IdentityLoss, *, lambda_reg: float = 0.0, over: str = "mean") -> None:
        self.models, self.loss, self.lambda_reg, self.over = models, loss, lambda_reg, over

    def __call__(self, x: Tensor, y: Tensor, p_reg: Tensor | None = None) -> Tensor:
        """Return L for x (B, C, H, W) in [0, 1], y (B,) and p_reg (d,) or (B, d), shape (B,)."""
        logits, p = self.models.T(x)
        L = model_average([self.loss(logits, y)] + [self.loss(S(x).logits, y) for S in self.models.students])
        if self.lambda_reg and p_reg is not None:
            L = L + self.lambda_reg * feature_regulariser(p, p_reg, self.over)
        return L
