"""The discriminator of the KEDMI prior: a K-way classifier that also detects generated images."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from worker.inversion.priors.networks import multiplying


def nearness(M: Tensor, companions: Tensor) -> Tensor:
    """Return sum_c exp(-||M_b - M_b(c)||_1) for companions c: (B, kernels).

    `cdist` avoids storing the (B, N, kernels, dims) differences, which halves the time of a
    training step.

    Shapes: M (B, kernels, dims), companions (N, kernels, dims).
    """
    distances = torch.cdist(M.transpose(0, 1), companions.transpose(0, 1), p=1.0)
    return torch.exp(-distances).sum(2).T


class KedmiDiscriminator(nn.Module):
    """Convolution blocks -> f -> minibatch discrimination -> linear head of K logits.

    With l(x) the logsumexp of the logits, P(real | x) = Z / (Z + 1), Z = exp l(x). Minibatch
    discrimination (Salimans et al., NeurIPS 2016) appends to f, for each of its kernels b, how
    near the image is to its companions c:

        o_b(x) = sum_c exp(-||M_b(x) - M_b(c)||_1)

    In training, the companions of an image are its batch. Afterwards they are fixed samples of the
    generator, the same for every image, because an image's score must not depend on the other
    attacked identities.

    Args:
        width: channels of the first block. 32 gives the paper's f of 4096 numbers at 64 px, and 64
            kernels of 50.
        shape: (C, H, W), a power of two from 16 on.
        num_classes: K.

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
        """Return f (B, 16 * channels) of images, the features that the generator matches."""
        with multiplying(self.bf16, images):
            out: Tensor = self.layers(images.contiguous(memory_format=torch.channels_last))
        return out.flatten(1).float()

    def projected(self, f: Tensor) -> Tensor:
        """Return M(x): (B, kernels, dims)."""
        out: Tensor = self.project(f)
        return out.view(-1, self.kernels, self.dims)

    def logits(self, f: Tensor, M: Tensor, companions: Tensor) -> Tensor:
        """Return logits (B, K) of f and M, given companions (N, kernels, dims)."""
        out: Tensor = self.head(torch.cat([f, nearness(M, companions)], 1))
        return out

    def in_batches(self, *batches: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return (f, logits) of training batches, in one pass through the blocks.

        The companions of each image are its own batch.
        """
        f, sizes = self.features(torch.cat(batches)), [len(b) for b in batches]
        parts = zip(torch.split(f, sizes), torch.split(self.projected(f), sizes), strict=True)
        return [(own, self.logits(own, near, near)) for own, near in parts]

    def forward(self, images: Tensor) -> Tensor:
        """Return the realism log P(real | x) = l(x) - softplus(l(x)), (B,), at most 0.

        Each image is compared with the stored companions.
        """
        f = self.features(images)
        near = 1 + nearness(self.projected(f), self.reference)
        level = torch.logsumexp(self.head(torch.cat([f, near], 1)), 1)
        return level - F.softplus(level)
