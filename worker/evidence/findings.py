"""Findings of verify, about each attack and about all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from worker.evaluation.portfolio import Combination, union
from worker.evaluation.statistics import Estimate
from worker.evaluation.verification import Verification


@dataclass(frozen=True)
class OfAttack:
    """Findings about the submissions of one attack, as those of the audit."""

    identities: np.ndarray
    target_top1: np.ndarray
    evaluator_top5: np.ndarray | None = None
    verification: Verification | None = None
    metrics: dict[str, Estimate] = field(default_factory=dict)

    @property
    def recognised(self) -> np.ndarray:
        """(N,) bool: by every verifier, or else by the evaluator. Nobody without either."""
        if self.verification is not None and len(self.verification.readings) >= 2:
            return self.verification.success
        if self.evaluator_top5 is not None:
            first: np.ndarray = self.evaluator_top5[:, 0] == self.identities
            return first
        return np.zeros(len(self.identities), bool)


@dataclass(frozen=True)
class Findings:
    """Findings about the audited identities, in the order of `identities`.

    Attributes:
        target_top1: (N,) bool, whether the target agrees with a submission.
        evaluator_top5: (N, <= 5), (N, A, <= 5) for several attacks, or None.
        verification: of the attacks together. None without verifiers.
        missing: identities of the plan that could not be scored.
        cards: of the judges, for the report.
        fit: (M,) accuracy of the target on the private images of each identity, or None.
        refused: sentences about rejected verifiers.
        metrics: figures beside the risk. Of several attacks, those of the strongest.
        attacks: findings about each attack, if there are several.
    """

    identities: np.ndarray
    target_top1: np.ndarray
    evaluator_top5: np.ndarray | None = None
    verification: Verification | None = None
    missing: list[int] = field(default_factory=list)
    cards: dict[str, Any] = field(default_factory=dict)
    fit: np.ndarray | None = None
    refused: tuple[str, ...] = ()
    metrics: dict[str, Estimate] = field(default_factory=dict)
    attacks: tuple[OfAttack, ...] = ()


def together(found: Sequence[OfAttack], how: Combination) -> Findings:
    """Return the findings of an audit: those of its only attack, or of several combined."""
    first = found[0]
    if len(found) == 1:
        return Findings(**vars(first))
    if how == "strongest":
        return Findings(**vars(found[strongest(found)]), attacks=tuple(found))
    verifications = [one.verification for one in found if one.verification is not None]
    top5 = [one.evaluator_top5 for one in found if one.evaluator_top5 is not None]
    return Findings(
        identities=first.identities,
        target_top1=np.any([one.target_top1 for one in found], axis=0),
        evaluator_top5=np.stack(top5, axis=1) if top5 else None,
        verification=union(verifications) if verifications else None,
        metrics=found[strongest(found)].metrics,
        attacks=tuple(found),
    )


def rivals(how: Combination, findings: Findings) -> list[Verification]:
    """Return the other attacks, if the strongest in each resample counts."""
    if how == "union" or findings.verification is None:
        return []
    best = strongest(findings.attacks) if findings.attacks else 0
    others = [one.verification for at, one in enumerate(findings.attacks) if at != best]
    return [one for one in others if one is not None]


def strongest(found: Sequence[OfAttack]) -> int:
    """Return the index of the attack with the most identities recognised, the first of equals."""
    return int(np.argmax([one.recognised.sum() for one in found]))
