"""Sensitivity and specificity of each verifier on real images of the audited people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.guessing import against_guessing
from worker.evaluation.panel import Panel, first
from worker.evaluation.statistics import Estimate, by_identity, mean
from worker.evaluation.verification import FALSE_MATCH_RATE, threshold
from worker.evaluation.verifiers import Embedder

SENSITIVITY_NEEDED = 0.5
"""A verifier that misses more than half of a person's real images cannot support a PASS."""


@dataclass(frozen=True)
class Sight:
    """How well one verifier tells real images of the identities apart.

    Attributes:
        sensitivity: mean over identities of the share of real images that match their own
            identity: ranked first, and above a threshold with at most 1 % false matches on real
            images of others.
        specificity: mean over identities of the share of templates of others that an image does
            not match.
        rank1: mean over identities of the share of real images that rank their own identity first.
        images: number of real images measured. 0 if every identity has one image, because nothing
            can be measured then.
        p_value: of the exact test of rank1 against guessing.
        blind: no better than guessing, although the test could have shown it.
        sees: better than guessing, with a sensitivity of at least a half.
    """

    name: str
    digest: str
    sensitivity: Estimate
    specificity: Estimate
    rank1: Estimate
    images: int
    p_value: float
    blind: bool
    sees: bool

    def to_dict(self) -> dict[str, Any]:
        measured = {name: getattr(self, name).to_dict() for name in ("sensitivity", "specificity", "rank1")}
        return {
            "name": self.name,
            "digest": self.digest,
            **(measured if self.images else dict.fromkeys(measured)),
            "images": self.images,
            "p_value": self.p_value,
            "blind": self.blind,
            "sees": self.sees,
        }


def sees(panel: Panel, held_out: tuple[np.ndarray, np.ndarray] | None = None, *, seed: int = 0) -> list[Sight]:
    """Measure each verifier of a panel on real images, in the panel's order.

    The identities are split into halves. Each half is tested at the threshold set by the impostor
    pairs of the other half, so that the specificity is measured on other pairs than those that set
    the threshold.

    Args:
        held_out: images and labels of the gallery's people that are not in its templates. Without
            them, each reference image is compared with a template made without it.
    """
    similarities, labels = panel.real(held_out)
    if not len(labels) or len(panel.gallery) < 2:
        none = Estimate(0.0, 0.0, 1.0, 0)
        return [Sight(v.name, v.digest, none, none, none, 0, 1.0, blind=False, sees=False) for v in panel.verifiers]
    own = panel.columns(labels)
    return [_measured(v, s, own, seed=seed) for v, s in zip(panel.verifiers, similarities, strict=True)]


def _measured(verifier: Embedder, similarity: np.ndarray, own: np.ndarray, *, seed: int) -> Sight:
    """Measure one verifier.

    Args:
        similarity: (M, G) of real images to the templates.
        own: (M,) the columns of their own identities.
    """
    rows, ahead = np.arange(len(own)), first(similarity)
    impostor = np.ones_like(ahead)
    impostor[rows, own] = False
    half = np.searchsorted(np.unique(own), own) % 2
    hits = np.zeros_like(ahead)
    for part in np.unique(half):
        own_half, other_half = half == part, half != part if (half != part).any() else half == part
        tau = threshold(similarity[other_half][impostor[other_half]], rate=FALSE_MATCH_RATE)
        hits[own_half] = ahead[own_half] & (similarity[own_half] >= tau)
    chance = against_guessing(Panel.guesses(similarity), own, similarity.shape[1], seed=seed)
    false_matches = (hits & impostor).sum(1) / impostor.sum(1)
    sensitivity = mean(by_identity(hits[rows, own], own), within=(0, 1), seed=seed)
    return Sight(
        verifier.name,
        verifier.digest,
        sensitivity,
        specificity=mean(by_identity(1 - false_matches, own), within=(0, 1), seed=seed),
        rank1=mean(by_identity(ahead[rows, own], own), within=(0, 1), seed=seed),
        images=len(own),
        p_value=chance.p_value,
        blind=chance.at_chance,
        sees=not chance.at_chance and sensitivity.value >= SENSITIVITY_NEEDED,
    )
