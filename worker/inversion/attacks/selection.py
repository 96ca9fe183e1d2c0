"""Which restart the attacker puts forward: by the target's own score, under light augmentation."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.batching import padded
from worker.inversion.targets.target import Target


def light_views(images: Tensor, views: int) -> Tensor:
    """The image and views - 1 fixed small rotations, scalings and shifts of it: (B, C, H, W) -> (views, B, C, H, W).

    Up to 7 degrees, 8 % and 6 % of the side. The same maps for every image: a score depends on the image alone.
    """
    rng = torch.Generator().manual_seed(20230403)
    out = [images]
    for _ in range(views - 1):
        angle, scale, dx, dy = (torch.rand(4, generator=rng) * 2 - 1).tolist()
        a = torch.tensor(angle * 0.12)
        s = 1 + scale * 0.08
        theta = torch.tensor(
            [[s * float(a.cos()), -s * float(a.sin()), dx * 0.12], [s * float(a.sin()), s * float(a.cos()), dy * 0.12]]
        )
        grid = F.affine_grid(theta.expand(len(images), 2, 3).to(images), list(images.shape), align_corners=False)
        out.append(F.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False))
    return torch.stack(out)


def target_scores(T: Target, images: Tensor, y: Tensor, *, views: int, micro_batch: int) -> tuple[Tensor, Tensor]:
    """Mean over views of log softmax T(view)_y, and softmax T(x)_y of the image itself: (B,), (B,)."""
    scores, confidences = [], []
    for x, k in zip(images.split(micro_batch), y.split(micro_batch), strict=True):
        full, labels = padded(x, micro_batch), padded(k, micro_batch)
        log_p = torch.stack(
            [T(v).logits.log_softmax(1).gather(1, labels[:, None]).squeeze(1) for v in light_views(full, views)]
        )
        scores.append(log_p.mean(0)[: len(x)])
        confidences.append(log_p[0].exp()[: len(x)])
    return torch.cat(scores), torch.cat(confidences)
