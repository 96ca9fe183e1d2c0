"""The generator and the critic of the GMI prior, in the 32x32 grey form and any other power-of-two size."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Generator(nn.Module):
    """DCGAN-type generator: Linear to 4x4, then transposed convolutions (k5 s2 p2 op1), sigmoid at the end.

    Args:
        latent_dim: size d of z.
        width: channels of the last hidden layer; 64 gives the paper's 256 -> 128 -> 64 -> C at 32 px.
        shape: (C, H, W) of the images, H = W = 8, 16, 32, 64, ...

    Shapes: z (B, d) -> images (B, C, H, W) in [0, 1].
    Source: attack of Zhang et al., CVPR 2020 (GMI), in the sizes used by Nguyen et al., CVPR 2023.
    """

    def __init__(self, latent_dim: int, width: int, shape: tuple[int, int, int]) -> None:
        super().__init__()
        channels, size, _ = shape
        doublings = size.bit_length() - 3
        self.first = width * 2 ** (doublings - 1)
        self.project = nn.Sequential(
            nn.Linear(latent_dim, self.first * 16, bias=False), nn.BatchNorm1d(self.first * 16), nn.ReLU(inplace=True)
        )
        blocks: list[nn.Module] = []
        c = self.first
        for _ in range(doublings - 1):
            blocks += [
                nn.ConvTranspose2d(c, c // 2, 5, stride=2, padding=2, output_padding=1, bias=False),
                nn.BatchNorm2d(c // 2),
                nn.ReLU(inplace=True),
            ]
            c //= 2
        blocks += [nn.ConvTranspose2d(c, channels, 5, stride=2, padding=2, output_padding=1), nn.Sigmoid()]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, z: Tensor) -> Tensor:
        x = self.project(z).view(-1, self.first, 4, 4).contiguous(memory_format=torch.channels_last)
        out: Tensor = self.blocks(x)
        return out


class Critic(nn.Module):
    """Wasserstein critic: strided convolutions (k5 s2 p2), LeakyReLU 0.2, InstanceNorm from the second on.

    InstanceNorm keeps every image's score independent of its batch, as the gradient penalty needs.

    Shapes: images (B, C, H, W) in [0, 1] -> scores (B,), unbounded, higher = more like the public images.
    """

    def __init__(self, width: int, shape: tuple[int, int, int]) -> None:
        super().__init__()
        channels, size, _ = shape
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 5, stride=2, padding=2), nn.LeakyReLU(0.2)]
        c = width
        for _ in range(size.bit_length() - 4):
            layers += [
                nn.Conv2d(c, 2 * c, 5, stride=2, padding=2),
                nn.InstanceNorm2d(2 * c, affine=True),
                nn.LeakyReLU(0.2),
            ]
            c *= 2
        layers.append(nn.Conv2d(c, 1, 4))
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Tensor:
        out: Tensor = self.layers(images.contiguous(memory_format=torch.channels_last))
        return out.flatten()
