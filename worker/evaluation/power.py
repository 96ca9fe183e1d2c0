"""Power: is this plan strong enough to find a leak that is there? Its answer on a model known to leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.controls import permuted_control, prior_control
from worker.evaluation.evaluator import Evaluator, train_evaluator
from worker.evaluation.risk import Risk, risk
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import BUNDLED, Embedder
from worker.inversion.attacks import Reconstruction
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent

IDENTITIES = 16
"""Of the reference model that are attacked: enough to tell R = 85 % from R = 50 %, and quick."""
REFERENCE_SEED, REFERENCE_EPOCHS = 90_001, 30


@dataclass(frozen=True)
class Power:
    """R against the reference model, with the share of identities verified and of controls."""

    risk: Risk

    def to_dict(self) -> dict[str, Any]:
        """For the result document."""
        r = self.risk
        return {
            **r.R.to_dict(),
            "bound_low": r.lower,
            "verified": r.p.to_dict(),
            "control": r.q.to_dict(),
            "unit": "share of the reference model's attacked identities",
            "definition": "R of the same plan against a model known to leak; 50 % is needed for a PASS",
        }


def train_reference(images: np.ndarray, labels: np.ndarray, *, classes: int, progress: Progress = silent) -> Evaluator:
    """A classifier without any defence, trained to the end on these images: a model that leaks.

    Args:
        images: uint8 (N, H, W[, C]); labels (N,) from 0.
    """
    return train_evaluator(
        images, labels, seed=REFERENCE_SEED, num_classes=classes, epochs=REFERENCE_EPOCHS, progress=progress
    )


def measure_power(
    found: Sequence[Reconstruction],
    prior: Prior,
    references: tuple[np.ndarray, np.ndarray],
    verifiers: Sequence[Embedder],
    *,
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
    seed: int,
) -> Power:
    """Score an attack on the reference model like an audit: verified success, less the prior and permuted controls.

    Args:
        found: what the plan's attack made of the reference model, all restarts.
        references: (images, labels) that the reference model was trained on; held_out: others of the same people.

    Raises: ValueError when several restarts of an identity are put forward (selection "average"): controls and
        intervals take each submission for a person of its own.
    """
    submitted = [one for one in found if one.selected]
    if len({one.identity for one in submitted}) < len(submitted):
        raise ValueError("one submission per identity: selection 'average' puts several forward")
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
    return Power(risk({"attack": verification.success.astype(float)}, controls, error=error, seed=seed))


def bundled_reference(prior_key: str) -> Path | None:
    """The card of the reference model that is shipped for a prior, if there is one."""
    card = BUNDLED / f"power-{prior_key.removeprefix('sha256:')[:16]}.json"
    return card if card.exists() else None
