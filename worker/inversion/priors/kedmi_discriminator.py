"""The discriminator of the KEDMI prior: a K-way classifier of public images that also tells real from generated."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from worker.inversion.priors.networks import multiplying


def nearness(M: Tensor, companions: Tensor) -> Tensor:
    """sum_c exp(-||M_b - M_b(c)||_1) of M (B, kernels, dims) to companions (N, kernels, dims): (B, kernels).

    By `cdist`, which never holds the (B, N, kernels, dims) differences: half the time of a training step.
    """
    distances = torch.cdist(M.transpose(0, 1), companions.transpose(0, 1), p=1.0)
    return torch.exp(-distances).sum(2).T


class KedmiDiscriminator(nn.Module):
    """Convolution blocks -> f -> minibatch discrimination -> linear head of K logits.

    With l(x) = logsumexp of the logits, P(real | x) = Z / (Z + 1), Z = exp l(x). Minibatch discrimination (Salimans
    et al., NeurIPS 2016) appends to f, for each of its kernels b, how near the image lies to its companions c:

        o_b(x) = sum_c exp(-||M_b(x) - M_b(c)||_1)

    In training the companions of an image are its batch. Afterwards they are the same stored samples of the generator
    for every image: an image's score must not depend on the other identities under attack.

    Args:
        width: channels of the first block; 32 gives the paper's f of 4096 numbers at 64 px, and 64 kernels of 50.
        shape: (C, H, W), a power of two from 16 on. num_classes: K.

    Source: Chen et al., ICCV 2021 (KEDMI).
    """

    reference: Tensor
    COMPANIONS = 63
    bf16 = False

    def __init__(self, width: int, shape: tuple[int, int, int], num_classes: int) -> None:
        super().__init__()
        channels, size, _ = shape
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 5, stride=2, padding=2), nn.LeakyReLU(0.2)]
        c = width
        for _ in range(size.bit_length() - 4):
            layers += [nn.Conv2d(c, 2 * c, 5, stride=2, padding=2), nn.InstanceNorm2d(2 * c), nn.LeakyReLU(0.2)]
            c *= 2
        self.layers = nn.Sequential(*layers)
        self.kernels, self.dims = 2 * width, 50
        self.project = nn.Linear(16 * c, self.kernels * self.dims, bias=False)
        self.head = nn.Linear(16 * c + self.kernels, num_classes)
        self.register_buffer("reference", torch.zeros(self.COMPANIONS, self.kernels, self.dims))

    def features(self, images: Tensor) -> Tensor:
        """f (B, 16 * channels) of images (B, C, H, W), the features that the generator matches."""
        with multiplying(self.bf16, images):
            out: Tensor = self.layers(images.contiguous(memory_format=torch.channels_last))
        return out.flatten(1).float()

    def projected(self, f: Tensor) -> Tensor:
        """M(x): (B, kernels, dims)"""
        out: Tensor = self.project(f)
        return out.view(-1, self.kernels, self.dims)

    def logits(self, f: Tensor, M: Tensor, companions: Tensor) -> Tensor:
        """(B, K) of features and their projections M, beside companions (N, kernels, dims)."""
        out: Tensor = self.head(torch.cat([f, nearness(M, companions)], 1))
        return out

    def in_batches(self, *batches: Tensor) -> list[tuple[Tensor, Tensor]]:
        """(f, logits) of training batches, each image beside its own batch; all in one pass through the blocks."""
        f, sizes = self.features(torch.cat(batches)), [len(b) for b in batches]
        parts = zip(torch.split(f, sizes), torch.split(self.projected(f), sizes), strict=True)
        return [(own, self.logits(own, near, near)) for own, near in parts]

    def forward(self, images: Tensor) -> Tensor:
        """Realism log P(real | x) = l(x) - softplus(l(x)), (B,), at most 0: each image beside the stored companions."""
        f = self.features(images)
        near = 1 + nearness(self.projected(f), self.reference)
        level = torch.logsumexp(self.head(torch.cat([f, near], 1)), 1)
        return level - F.softplus(level)
