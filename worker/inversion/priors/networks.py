"""Generator and critic of the GMI prior, for 32x32 grey images and other powers of two."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn


def multiplying(bf16: bool, x: Tensor) -> AbstractContextManager[Any]:
    """Return the context in which convolutions of x multiply in bf16, if `bf16`.

    Otherwise the context changes nothing.
    """
    return torch.autocast(x.device.type, torch.bfloat16) if bf16 else nullcontext()


class Generator(nn.Module):
    """DCGAN generator: Linear to 4x4, then transposed convolutions (k5 s2 p2 op1), then sigmoid.

    Args:
        latent_dim: size d of z.
        width: channels of the last hidden layer. 64 gives the paper's 256 -> 128 -> 64 -> C at 32
            px.
        shape: (C, H, W) of the images, H = W = 8, 16, 32, 64, ...
        kernel: side of the transposed convolutions. 5 as in the paper; 4 (p1 op0) needs 36 % fewer
            operations.

    Shapes: z (B, d) -> images (B, C, H, W) in [0, 1].
    Source: attack of Zhang et al., CVPR 2020 (GMI), in the sizes used by Nguyen et al., CVPR 2023.
    """

    bf16 = False
    """Whether convolutions multiply in bf16. Set during training, if the recipe says so."""

    def __init__(self, latent_dim: int, width: int, shape: tuple[int, int, int], kernel: int = 5) -> None:
        super().__init__()
        channels, size, _ = shape
        doubling: dict[str, Any] = {"stride": 2, "padding": (kernel - 1) // 2, "output_padding": kernel % 2}
        doublings = size.bit_length() - 3
        self.first = width * 2 ** (doublings - 1)
        self.project = nn.Sequential(
            nn.Linear(latent_dim, self.first * 16, bias=False), nn.BatchNorm1d(self.first * 16), nn.ReLU(inplace=True)
        )
        blocks: list[nn.Module] = []
        c = self.first
        for _ in range(doublings - 1):
            blocks += [
                nn.ConvTranspose2d(c, c // 2, kernel, bias=False, **doubling),
                nn.BatchNorm2d(c // 2),
                nn.ReLU(inplace=True),
            ]
            c //= 2
        blocks += [nn.ConvTranspose2d(c, channels, kernel, **doubling), nn.Sigmoid()]
        self.blocks = nn.Sequential(*blocks)

    def forward(self, z: Tensor) -> Tensor:
        x = self.project(z).view(-1, self.first, 4, 4).contiguous(memory_format=torch.channels_last)
        with multiplying(self.bf16, x):
            out: Tensor = self.blocks(x)
        return out.float()


class Critic(nn.Module):
    """Wasserstein critic: strided convolutions (k5 s2 p2), LeakyReLU 0.2, InstanceNorm.

    InstanceNorm starts at the second convolution. It keeps every image's score independent of its
    batch, which the gradient penalty needs. Without any normalisation (`norm=False`) the critic is
    cheaper, and the penalty alone must keep it smooth.

    Shapes: images (B, C, H, W) in [0, 1] -> scores (B,), unbounded, higher = more like the public
        images.
    """

    bf16 = False

    def __init__(self, width: int, shape: tuple[int, int, int], kernel: int = 5, norm: bool = True) -> None:
        super().__init__()
        channels, size, _ = shape
        halving: dict[str, Any] = {"stride": 2, "padding": (kernel - 1) // 2}
        layers: list[nn.Module] = [nn.Conv2d(channels, width, kernel, **halving), nn.LeakyReLU(0.2)]
        c = width
        for _ in range(size.bit_length() - 4):
            layers.append(nn.Conv2d(c, 2 * c, kernel, **halving))
            if norm:
                layers.append(nn.InstanceNorm2d(2 * c, affine=True))
            layers.append(nn.LeakyReLU(0.2))
            c *= 2
        layers.append(nn.Conv2d(c, 1, 4))
        self.layers = nn.Sequential(*layers)
        if not norm:  # keeps the first scores from vanishing
            for layer in self.layers:
                if isinstance(layer, nn.Conv2d):
                    nn.init.kaiming_normal_(layer.weight, a=0.2)

    def forward(self, images: Tensor) -> Tensor:
        with multiplying(self.bf16, images):
            out: Tensor = self.layers(images.contiguous(memory_format=torch.channels_last))
        return out.flatten().float()
