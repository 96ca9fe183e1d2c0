"""Random views of public images, so that a prior does not memorise a small public set."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def random_views(images: Tensor, *, flips: bool, affine: float, generator: torch.Generator) -> Tensor:
    """Return a random view of each image: a symmetry of the square if `flips`, then an affine map.

    Args:
        images: (B, C, H, W) in [0, 1].
        flips: draw one of the eight symmetries of the square per image. For drawings, not for
            faces.
        affine: strength. At 1.0, rotation has a standard deviation of 6 degrees, log scale and
            shear 0.06, shift 3 % of the side. 0 leaves the image unchanged.

    Returns: (B, C, H, W) in [0, 1], bilinear, zero outside.
    """
    b = len(images)
    theta = torch.zeros(b, 2, 3)
    noise = torch.randn(b, 6, generator=generator) * affine
    angle, scale, shear = noise[:, 0] * 0.105, torch.exp(noise[:, 1:3] * 0.06), noise[:, 3] * 0.06
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta[:, 0, 0], theta[:, 0, 1] = cos * scale[:, 0], (shear - sin) * scale[:, 0]
    theta[:, 1, 0], theta[:, 1, 1] = sin * scale[:, 1], cos * scale[:, 1]
    theta[:, :, 2] = noise[:, 4:] * 0.06
    if flips:
        sign = torch.randint(0, 2, (b, 2), generator=generator) * 2.0 - 1.0
        turned = torch.randint(0, 2, (b,), generator=generator).bool()
        square = torch.diag_embed(sign)
        square = torch.where(turned[:, None, None], square.flip(1), square)
        theta[:, :, :2] = torch.bmm(square, theta[:, :, :2])
    elif affine == 0:
        return images
    grid = F.affine_grid(theta.to(images), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", align_corners=False).clamp(0, 1)


def diff_augment(images: Tensor, policy: str, generator: torch.Generator) -> Tensor:
    """Apply random differentiable changes to the critic's real and generated images.

    Args:
        policy: comma-separated list of "translation" (up to an eighth of the side, zeros outside),
            "cutout" (a square of half the side set to zero) and "colour" (brightness up to 0.25,
            contrast and saturation 0.5 to 1.5); "" for none.

    Source: Zhao et al., NeurIPS 2020 (DiffAugment).
    """
    b, _, h, w = images.shape
    for part in [name for name in policy.split(",") if name]:
        u = torch.rand(b, 3, 1, 1, 1, generator=generator).to(images)
        if part == "colour":
            images = images + (u[:, 0] - 0.5) * 0.5
            mean = images.mean((1, 2, 3), keepdim=True)
            images = (images - mean) * (u[:, 1] + 0.5) + mean
            grey = images.mean(1, keepdim=True)
            images = (images - grey) * (u[:, 2] + 0.5) + grey
        else:
            rows, columns = (torch.arange(n, device=images.device)[None] for n in (h, w))
            if part == "cutout":
                top, left = ((u[:, i].view(b, 1) * n).floor() - n // 4 for i, n in ((0, h), (1, w)))
                inside = ((rows >= top) & (rows < top + h // 2))[:, :, None]
                inside = inside & ((columns >= left) & (columns < left + w // 2))[:, None]
                images = images * ~inside[:, None]
            else:
                dy, dx = (
                    (u[:, i].view(b, 1) * (2 * (n // 8) + 1)).floor().long() - n // 8 for i, n in ((0, h), (1, w))
                )
                y, x = rows + dy, columns + dx
                kept = ((y >= 0) & (y < h))[:, :, None] & ((x >= 0) & (x < w))[:, None]
                at = torch.arange(b, device=images.device)[:, None, None]
                moved = images.permute(0, 2, 3, 1)[at, y.clamp(0, h - 1)[:, :, None], x.clamp(0, w - 1)[:, None]]
                images = moved.permute(0, 3, 1, 2) * kept[:, None]
    return images
