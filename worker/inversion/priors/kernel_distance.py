"""The kernel distance (KID) between generated and public images, over random features."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def random_features(images: Tensor) -> Tensor:
    """Return statistics (N, 256) of a fixed random network for images (N, C, H, W) in [0, 1].

    They are the means and standard deviations of the last maps of three random convolution layers.
    The weights are drawn from a fixed seed, so nothing is downloaded and the results are
    reproducible. The features represent strokes, textures and colours, but not meaning. Use the
    distance to compare priors of the same images; it is not comparable to a published KID.
    """
    rng = torch.Generator().manual_seed(20180101)
    h, c = F.interpolate(images.float(), (32, 32), mode="bilinear", antialias=True) * 2 - 1, images.shape[1]
    for out in (32, 64, 128):
        w = torch.randn(out, c, 4, 4, generator=rng) / (16 * c) ** 0.5
        h, c = F.relu(F.conv2d(h, w.to(h), stride=2, padding=1)) * 2**0.5, out
    return torch.cat([h.mean((2, 3)), h.flatten(2).std(2)], 1)


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Return the unbiased squared MMD of features a (N, d), b (M, d).

    The kernel is k(x, y) = (x . y / d + 1)^3. For two samples of the same distribution the value
    is around 0, and as often negative as positive.
    Source: Binkowski et al., ICLR 2018 (KID).
    """
    a, b, d = a.double(), b.double(), a.shape[1]
    within = []
    for x in (a, b):
        k = (x @ x.T / d + 1) ** 3
        within.append((k.sum() - k.diagonal().sum()) / (len(x) * (len(x) - 1)))
    return float(within[0] + within[1] - 2 * ((a @ b.T / d + 1) ** 3).mean())
