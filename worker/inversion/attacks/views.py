"""Random views of the images inside a search, drawn per row and step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from worker.inversion.latents import row_seed

View = Literal["light", "mirrored", "crop", "trim"]

SHIFT, ANGLE, SCALE = 0.1, 7.0, 0.08
"""A light view: shift in shares of the side, rotation in degrees, and relative scale, at most."""

SIDES = {"crop": (0.5, 0.9), "trim": (0.95, 1.0)}
"""Side of a crop, in shares of the image's side."""


def view_keys(seed: int, rows: Sequence[tuple[int, int]]) -> Tensor:
    """Return one int64 key per row (R,), from which all views of the row are drawn.

    Args:
        rows: identity and restart of each row.
    """
    return torch.tensor([row_seed(seed, "views", k, r) for k, r in rows])


def uniform(keys: Tensor, step: int | Tensor, count: int) -> Tensor:
    """Return `count` numbers in [0, 1) for every key (B,) at a step: (B, count).

    A number is a function of its key, step and place alone: the counter-based generator
    SplitMix64 (Steele, Lea and Flood, OOPSLA 2014),

        x = key + (step * count + i + 1) * 0x9E3779B97F4A7C15,   u = mix(x) / 2^53
    """
    place = torch.arange(1, count + 1, device=keys.device) + step * count
    x = keys[:, None] + place * _signed(0x9E3779B97F4A7C15)
    x = (x ^ _shifted(x, 30)) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ _shifted(x, 27)) * _signed(0x94D049BB133111EB)
    x = x ^ _shifted(x, 31)
    return (_shifted(x, 11).float() / 2**53).clamp_max(1 - 2**-24)  # rounded once; not every GPU has float64


def _signed(value: int) -> int:
    """Return a 64-bit word as the int64 with the same bits."""
    return value - 2**64 if value >= 2**63 else value


def _shifted(x: Tensor, by: int) -> Tensor:
    """Shift int64 words right and fill with zeros."""
    return (x >> by) & ((1 << (64 - by)) - 1)


def random_view(images: Tensor, u: Tensor, view: View) -> Tensor:
    """Return one view of each image, differentiable in its pixels.

    x'(p) = x(M p + t), bilinear, the border repeated outside:

    * "light": rotation up to `ANGLE`, scale up to `SCALE`, shift up to `SHIFT`.
    * "mirrored": the same, and half of the views are mirrored left to right. For photographs.
    * "crop", "trim": a square with a side of `SIDES` of the image's, anywhere in it, at full size.

    Args:
        images: (B, C, H, W) in [0, 1].
        u: numbers in [0, 1) that determine the view, (B, 5).

    Returns: (B, C, H, W) in [0, 1]. A view depends on its own row alone.
    """
    v = 2 * u - 1
    if view in SIDES:
        least, most = SIDES[view]
        side = least + (most - least) * u[:, 0]
        scale, angle, shift = side, torch.zeros_like(side), v[:, 2:4] * (1 - side)[:, None]
    else:
        scale, angle, shift = 1 + SCALE * v[:, 0], math.radians(ANGLE) * v[:, 1], v[:, 2:4] * 2 * SHIFT
    mirror = torch.where(u[:, 4] < 0.5, -1.0, 1.0) if view == "mirrored" else torch.ones_like(angle)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    y, x = (((torch.arange(n, device=images.device) + 0.5) * 2 / n - 1) for n in images.shape[2:])
    across, down = x * mirror[:, None, None], y[:, None]
    grid = torch.stack(
        [
            cos[:, None, None] * across - sin[:, None, None] * down + shift[:, 0, None, None],
            sin[:, None, None] * across + cos[:, None, None] * down + shift[:, 1, None, None],
        ],
        dim=-1,
    )
    return F.grid_sample(images, grid.to(images), mode="bilinear", padding_mode="border", align_corners=False)
