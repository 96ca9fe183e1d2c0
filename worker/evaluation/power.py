"""Power check: whether a plan finds the leak of a reference model without any defence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.controls import permuted_control, prior_control
from worker.evaluation.evaluator import Evaluator, train_evaluator
from worker.evaluation.risk import Risk, risk
from worker.evaluation.statistics import Estimate, by_identity, mean, mean_difference, share
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import BUNDLED, Embedder
from worker.inversion.attacks import Reconstruction
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent

IDENTITIES = 16
"""Attacked identities of the reference model. Enough to tell R = 85 % from R = 50 %, and quick."""
REFERENCE_SEED = 90_001
REFERENCE_EPOCHS = (30, 60, 120)
TRAINED = 0.99
"""Training accuracy at which a reference model counts as trained."""
REFERENCE_VERSION = "power-reference/2"


def reference_recipe() -> dict[str, Any]:
    """Return the settings that, with the images, determine a reference model."""
    return {"version": REFERENCE_VERSION, "seed": REFERENCE_SEED, "epochs": list(REFERENCE_EPOCHS), "until": TRAINED}


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


def train_reference(images: np.ndarray, labels: np.ndarray, *, classes: int, progress: Progress = silent) -> Evaluator:
    """Train a classifier without any defence until its training accuracy is 99 %.

    Training starts over with 30, 60 and 120 epochs. The last model is returned even if it falls
    short; `knowledge` reports its accuracy.

    Args:
        images: uint8 (N, H, W[, C]).
        labels: (N,) from 0.
    """
    made = None
    for epochs in REFERENCE_EPOCHS:
        made = train_evaluator(
            images, labels, seed=REFERENCE_SEED, num_classes=classes, epochs=epochs, progress=progress
        )
        if knowledge(made, (images, labels))["training_accuracy"].value >= TRAINED:
            break
    assert made is not None
    return made


def knowledge(
    model: Evaluator, train: tuple[np.ndarray, np.ndarray], held_out: tuple[np.ndarray, np.ndarray] | None = None
) -> dict[str, Estimate]:
    """Return accuracy on training images and held-out images, over identities, and their gap.

    Args:
        train, held_out: (images, labels).
    """
    known, of = _accuracy(model, *train)
    found = {"training_accuracy": mean(known, within=(0, 1))}
    if held_out is not None and len(held_out[1]):
        unseen, also = _accuracy(model, *held_out)
        found["held_out_accuracy"] = mean(unseen, within=(0, 1))
        both = np.intersect1d(of, also)
        if len(both):
            pair = known[np.isin(of, both)], unseen[np.isin(also, both)]
            found["memorisation_gap"] = mean_difference(*pair, within=(-1, 1))
    return found


def _accuracy(model: Evaluator, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean accuracy (M,) of each identity, and the identities."""
    return by_identity(model.top(images, 1)[:, 0] == labels, labels), np.unique(labels)


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


def bundled_reference(prior_key: str) -> Path | None:
    """Return the card of the reference model shipped for a prior, if there is one."""
    card = BUNDLED / f"power-{prior_key.removeprefix('sha256:')[:16]}.json"
    return card if card.exists() else None
