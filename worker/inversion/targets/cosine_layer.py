"""The last layer of a network trained with a margin on angles: scaled cosines."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

HEADS = ("cosine", "linear")


class CosineLayer(nn.Linear):
    """logits_k = s * cos(f, w_k) = s * <f, w_k> / (|f| |w_k|), for the feature f and class k.

    ArcFace, CosFace and SphereFace train with these logits. The margin, which is subtracted for
    the right class in training, is not part of the trained model.

    Args:
        scale: s, 64 in the paper. It is not stored with the weights.

    Shapes: (B, in_features) -> (B, out_features), from -s to s.
    Source: Deng et al., CVPR 2019 (ArcFace), equation 2.
    """

    def __init__(self, in_features: int, out_features: int, scale: float) -> None:
        super().__init__(in_features, out_features, bias=False)
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        return self.scale * F.linear(F.normalize(features), F.normalize(self.weight))

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, scale={self.scale}"


def last_layer(head: str, in_features: int, out_features: int, scale: float) -> nn.Linear:
    """Return a cosine or linear layer. Raises: ValueError for another kind."""
    if head not in HEADS:
        raise ValueError(f"head must be {' or '.join(map(repr, HEADS))}, not {head!r}")
    return CosineLayer(in_features, out_features, scale) if head == "cosine" else nn.Linear(in_features, out_features)
