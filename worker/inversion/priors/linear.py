"""The networks of the linear prior: an image is the mean plus a sum of principal components."""

from __future__ import annotations

import math

from torch import Tensor, nn, zeros


class LinearGenerator(nn.Module):
    """G(z) = clip(m + W diag(s) z, 0, 1).

    With z from N(0, I), images have the mean and covariance of the public images.

    Args:
        latent_dim: number of components d.
        shape: (C, H, W) of the images.

    Shapes: z (B, d) -> images (B, C, H, W) in [0, 1].
    Source: Turk and Pentland, Eigenfaces for Recognition, J. Cognitive Neuroscience 1991.
    """

    mean: Tensor
    components: Tensor

    def __init__(self, latent_dim: int, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", zeros(math.prod(shape)))
        self.register_buffer("components", zeros(latent_dim, math.prod(shape)))  # rows of diag(s) W^T

    def forward(self, z: Tensor) -> Tensor:
        return (self.mean + z @ self.components).clamp(0, 1).view(-1, *self.shape)


class GaussianRealism(nn.Module):
    """D(x) = -1/2 |z(x)|^2 with z(x) = diag(1/s) W^T (x - m).

    This is the log density of x's latent, up to a constant.

    Shapes: images (B, C, H, W) in [0, 1] -> (B,), at most 0, about -d/2 for a public image.
    """

    mean: Tensor
    inverse: Tensor

    def __init__(self, latent_dim: int, shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.register_buffer("mean", zeros(math.prod(shape)))
        self.register_buffer("inverse", zeros(math.prod(shape), latent_dim))  # columns of W diag(1/s)

    def latents(self, images: Tensor) -> Tensor:
        """Return z(x) of images (B, C, H, W): (B, d)."""
        return (images.flatten(1) - self.mean) @ self.inverse

    def forward(self, images: Tensor) -> Tensor:
        return -0.5 * self.latents(images).square().sum(1)
