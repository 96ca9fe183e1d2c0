"""The search of `warm-start` under random views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from worker.inversion.attacks.attack import attacks
from worker.inversion.attacks.warm_start import WarmStart


@attacks.register("warm-start-views")
@dataclass(frozen=True, kw_only=True)
class WarmStartViews(WarmStart):
    """As `WarmStart`, with the loss of every step under n = `views_per_step` random views v_i:

        1/n sum_i [L_id(v_i(G(z)), y) + lambda_reg R(v_i(G(z)))]

    An image that only convinces the target does so less under views, so this search ends
    elsewhere, and shows other people (docs/ablation.md). Source: the views are those of AlignMI
    (NeurIPS 2025, arXiv 2509.20177).
    """

    name: ClassVar[str] = "warm-start-views"

    views_per_step: int = 1
