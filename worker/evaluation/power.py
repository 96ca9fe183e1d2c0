"""Power check: whether a plan finds the leak of a reference model without any defence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.controls import prior_control
from worker.evaluation.evaluator import EVALUATOR
from worker.evaluation.portfolio import Combination, combined, common_error, risk_of
from worker.evaluation.procedure import Attacked
from worker.evaluation.risk import Risk
from worker.evaluation.statistics import Estimate, share
from worker.evaluation.verification import Verification, verify
from worker.evaluation.verifiers import Embedder
from worker.inversion.keys import SEARCH, Maker

IDENTITIES, MORE_IDENTITIES, SMALL = 16, 48, 32
"""Attacked identities of the reference model, for images up to `SMALL` pixels and above.

16 tell the R of 85 % that the shipped model for small images has from 50 %. On photographs R is
nearer to 50 %: with 48, a power of 65 % has an interval above it.
"""
POWER = Maker(
    "power",
    2,
    (
        *EVALUATOR.modules,
        *SEARCH,
        "app.statistics.excess",
        "app.statistics.resampling",
        "worker.evaluation.controls",
        "worker.evaluation.exposure",
        "worker.evaluation.guessing",
        "worker.evaluation.panel",
        "worker.evaluation.portfolio",
        "worker.evaluation.power",
        "worker.evaluation.procedure",
        "worker.evaluation.rates",
        "worker.evaluation.risk",
        "worker.evaluation.statistics",
        "worker.evaluation.verification",
        "worker.evaluation.verifiers",
        "worker.inversion.domain_refit",
        "worker.inversion.feature_decoder",
        "worker.inversion.students",
    ),
)


@dataclass(frozen=True)
class Power:
    """R against the reference model, and its components.

    Attributes:
        convinced: share of the submissions that the reference model itself assigns to the
            identity. A low share means that the search was too short. A high share with a low R
            means that prior or attack cannot show anybody.
    """

    risk: Risk
    convinced: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the power document of a result."""
        r = self.risk
        return {
            **r.R.to_dict(),
            "bound_low": r.lower,
            "verified": r.p.to_dict(),
            "control": r.q.to_dict(),
            "convinced": self.convinced.to_dict(),
        }


def measure_power(
    attacks: Sequence[Attacked],
    references: tuple[np.ndarray, np.ndarray],
    verifiers: Sequence[Embedder],
    *,
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
    combination: Combination = "union",
    seed: int,
) -> Power:
    """Score the plan's attacks on the reference model like an audit.

    R is the verified success in excess of the prior and permuted controls.

    Args:
        references: (images, labels) that the reference model was trained on.
        held_out: (images, labels) of the same people that it was not trained on.

    Raises: ValueError when an identity has several submissions (selection "average"). Controls and
        intervals assume one submission per person and attack.
    """
    verifications = [_verified(one, references, verifiers, held_out, seed) for one in attacks]
    shown, rivals = combined(verifications, combination)
    convinced = np.any([[one.target_top1 for one in attack.submitted] for attack in attacks], axis=0)
    return Power(
        risk_of(shown, rivals, error=common_error([shown, *rivals]), seed=seed),
        share(convinced),
    )


def _verified(
    attack: Attacked,
    references: tuple[np.ndarray, np.ndarray],
    verifiers: Sequence[Embedder],
    held_out: tuple[np.ndarray, np.ndarray] | None,
    seed: int,
) -> Verification:
    """Verify the submissions of one attack."""
    found, submitted = attack.found, attack.submitted
    if len({one.identity for one in submitted}) < len(submitted):
        raise ValueError("one submission per identity is required, but selection 'average' submits several")
    identities = np.array([one.identity for one in submitted])
    samples = prior_control(
        attack.prior,
        identities.tolist(),
        draws=attack.config.restarts,
        consensus=attack.config.selection == "consensus",
        seed=seed,
        first=attack.first_draw,
    )
    return verify(
        np.stack([one.image for one in submitted]),
        identities,
        *references,
        verifiers,
        reconstructions=np.stack([one.image for one in found]),
        reconstructed_for=[one.identity for one in found],
        controls={"prior": samples},
        held_out=held_out,
    )


def attacked(known: np.ndarray, side: int, seed: int) -> list[int]:
    """Return the identities of the reference model to attack, drawn by seed and ascending.

    Args:
        known: identities that the reference model was trained on.
        side: the longer side of an image, in pixels.
    """
    count = IDENTITIES if side <= SMALL else MORE_IDENTITIES
    return sorted(int(k) for k in np.random.default_rng(seed).permutation(np.unique(known))[:count])
