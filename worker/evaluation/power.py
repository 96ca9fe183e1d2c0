"""Power check: whether a plan finds the leak of a reference model without any defence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.controls import permuted_control, prior_control
from worker.evaluation.evaluator import EVALUATOR
from worker.evaluation.risk import Risk, risk
from worker.evaluation.statistics import Estimate, share
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import Embedder
from worker.inversion.attacks import Reconstruction
from worker.inversion.keys import Maker
from worker.inversion.priors.prior import Prior

IDENTITIES = 16
"""Attacked identities of the reference model. Enough to tell R = 85 % from R = 50 %, and quick."""
POWER = Maker(
    "power",
    2,
    (
        *EVALUATOR.modules,
        "worker.evaluation.controls",
        "worker.evaluation.exposure",
        "worker.evaluation.guessing",
        "worker.evaluation.panel",
        "worker.evaluation.power",
        "worker.evaluation.procedure",
        "worker.evaluation.rates",
        "worker.evaluation.risk",
        "worker.evaluation.statistics",
        "worker.evaluation.verification",
        "worker.evaluation.verifiers",
        "worker.inversion.acceleration",
        "worker.inversion.attacks",
        "worker.inversion.batching",
        "worker.inversion.latents",
        "worker.inversion.losses",
        "worker.inversion.memory",
        "worker.inversion.objective",
        "worker.inversion.priors.kedmi_discriminator",
        "worker.inversion.priors.linear",
        "worker.inversion.priors.networks",
        "worker.inversion.priors.prior",
        "worker.inversion.priors.recipe",
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
    found: Sequence[Reconstruction],
    prior: Prior,
    references: tuple[np.ndarray, np.ndarray],
    verifiers: Sequence[Embedder],
    *,
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
    seed: int,
) -> Power:
    """Score an attack on the reference model like an audit.

    R is the verified success in excess of the prior and permuted controls.

    Args:
        found: all restarts of the plan's attack on the reference model.
        references: (images, labels) that the reference model was trained on.
        held_out: (images, labels) of the same people that it was not trained on.

    Raises: ValueError when an identity has several submissions (selection "average"). Controls and
        intervals assume one submission per person.
    """
    submitted = [one for one in found if one.selected]
    if len({one.identity for one in submitted}) < len(submitted):
        raise ValueError("one submission per identity is required, but selection 'average' submits several")
    identities = np.array([one.identity for one in submitted])
    restarts = len(found) // len(submitted)
    verification = verify(
        np.stack([one.image for one in submitted]),
        identities,
        *references,
        verifiers,
        reconstructions=np.stack([one.image for one in found]),
        reconstructed_for=[one.identity for one in found],
        controls={"prior": prior_control(prior, identities.tolist(), draws=restarts, seed=seed)},
        held_out=held_out,
    )
    controls = {
        "prior": verification.control_hits["prior"].astype(float),
        "permuted": permuted_control(verification.hits, identities, verification.gallery),
    }
    error = verification.error if verification.error is not None and verification.error.usable else None
    return Power(
        risk({"attack": verification.success.astype(float)}, controls, error=error, seed=seed),
        share(np.array([one.target_top1 for one in submitted])),
    )
