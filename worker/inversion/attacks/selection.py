"""Selects the submissions: one restart by the target's score under random views of it, or all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.attacks.views import random_view, uniform
from worker.inversion.batching import padded
from worker.inversion.targets.target import Target


def light_views(images: Tensor, views: int) -> Tensor:
    """Return each image and views - 1 small rotations, scalings and shifts of it.

    These are up to 7 degrees, 8 % and 6 % of the side. They are fixed and the same for every
    image, so a score depends on the image alone.

    Shapes: (B, C, H, W) -> (views, B, C, H, W).
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


def crops(images: Tensor, count: int) -> Iterator[Tensor]:
    """Yield `count` random crops of 50 to 90 % of the side of each image, at full size.

    They are fixed and the same for every image, so a score depends on the image alone.

    Shapes: (B, C, H, W) -> (B, C, H, W) each.
    """
    for u in uniform(torch.tensor([20220617]), 0, 5 * count).view(count, 1, 5):
        yield random_view(images, u.expand(len(images), 5).to(images.device), "crop")


class Scored(NamedTuple):
    """Scores per image.

    Attributes:
        mean_log_p: mean over light views of log softmax T(view)_y, or log of the mean over crops
            of softmax T(crop)_y.
        confidence, top1: softmax T(x)_y, and whether argmax T(x) = y, of the image itself.
    """

    mean_log_p: Tensor
    confidence: Tensor
    top1: Tensor


def target_scores(
    T: Target, images: Tensor, y: Tensor, *, views: int, micro_batch: int, cropped: bool = False
) -> Scored:
    """Score images (B, C, H, W) in [0, 1] for identities y (B,) by the target alone.

    Args:
        views: light views of each image, the first being the image itself, or crops if `cropped`.
    """
    parts = []
    for x, k in zip(torch.split(images, micro_batch), torch.split(y, micro_batch), strict=True):
        full, labels = padded(x, micro_batch), padded(k, micro_batch)
        seen = [full, *crops(full, views)] if cropped else light_views(full, views)
        logits = [T(view).logits for view in seen]
        log_p = torch.stack([a.log_softmax(1).gather(1, labels[:, None]).squeeze(1) for a in logits])
        score = log_p[1:].logsumexp(0) - math.log(views) if cropped else log_p.mean(0)
        n = len(x)
        parts.append((score[:n], log_p[0, :n].exp(), logits[0].argmax(1)[:n] == k))
    return Scored(*(torch.cat(column) for column in zip(*parts, strict=True)))


def put_forward(scores: Tensor, selection: str) -> Tensor:
    """Return which scores (K, rows) are submitted.

    All for "average", the last for "consensus", else the best of each identity.
    """
    if selection == "average":
        return torch.ones_like(scores, dtype=torch.bool)
    if selection == "consensus":
        return (torch.arange(scores.shape[1], device=scores.device) == scores.shape[1] - 1).expand(scores.shape)
    return torch.arange(scores.shape[1], device=scores.device) == scores.argmax(1, keepdim=True)
