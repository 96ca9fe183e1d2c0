"""Put verification, controls, evaluator and target readings together: risk, verdict and every figure shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.controls import permuted_control
from worker.evaluation.risk import Risk, risk
from worker.evaluation.statistics import Estimate, mean_difference, share
from worker.evaluation.verdict import Evidence, Verdict, evidence_level, verdict
from worker.evaluation.verification import Verification


@dataclass(frozen=True)
class Score:
    """The result of one attack in one setting.

    Attributes:
        figures: name -> {value, low, high, n}; shares of identities unless the name says otherwise.
        identities: one row per identity, for the table of the report.
    """

    risk: Risk | None
    verdict: Verdict
    evidence: Evidence
    figures: dict[str, dict[str, float | int]]
    identities: list[dict[str, Any]]
    strongest_control: str | None


def score(
    identities: np.ndarray,
    target_top1: np.ndarray,
    *,
    verification: Verification | None = None,
    evaluator_top5: np.ndarray | None = None,
    attack: str = "gmi",
    budget: float = 0.05,
    power: float | None = None,
    contamination_clean: bool | None = None,
    coverage_complete: bool = True,
    seed: int = 0,
) -> Score:
    """Score the submissions of one attack.

    Args:
        identities: (N,). target_top1: (N,) bool, from the reconstructions.
        verification: None without references or verifiers. evaluator_top5: (N, <= 5) from `Evaluator.top`, or None.

    The risk is that of the verified successes; without at least two verifiers the evaluator's top-1 stands in, no
    control being subtracted beyond its own permuted one, and the evidence level says so.
    """
    identities, target_top1 = np.asarray(identities), np.asarray(target_top1, bool)
    figures: dict[str, Estimate] = {"target_accuracy": share(target_top1)}
    rows: list[dict[str, Any]] = [
        {"identity": int(k), "target_top1": bool(t)} for k, t in zip(identities, target_top1, strict=True)
    ]
    evidence = evidence_level(
        references=verification is not None or evaluator_top5 is not None,
        verifiers=len(verification.readings) if verification else 0,
        evaluator=evaluator_top5 is not None,
    )
    measured: Risk | None = None
    if evaluator_top5 is not None:
        top1 = evaluator_top5[:, 0] == identities
        figures["attack_accuracy_top1"] = share(top1)
        figures["attack_accuracy_top5"] = share((evaluator_top5 == identities[:, None]).any(1))
        figures["overfitting_gap_evaluator"] = mean_difference(target_top1, top1, seed=seed)
        for row, hit in zip(rows, top1, strict=True):
            row["evaluator_top1"] = bool(hit)
        if evidence == "evaluator":
            taken = evaluator_top5[:, :1] == identities[None, :]
            controls = {"permuted": permuted_control(taken, identities, identities)}
            measured = risk({attack: top1}, controls, seed=seed)
    if verification is not None:
        controls = {name: hit.astype(float) for name, hit in verification.control_hits.items()}
        controls["permuted"] = permuted_control(verification.hits, identities, verification.gallery)
        figures["rank1_all_verifiers"] = share(verification.rank1)
        figures["overfitting_gap"] = mean_difference(target_top1, verification.rank1, seed=seed)
        figures["identity_bits"] = _identity_bits(verification, seed)
        for name, q in controls.items():
            figures[f"control_{name}"] = risk({name: q}, {}, seed=seed).p
        _fill(rows, verification, controls)
        if evidence == "verified":
            measured = risk({attack: verification.success}, controls, seed=seed)
            figures["verified"] = share(verification.success)
    if measured is not None:
        figures["control"], figures["risk"] = measured.q, measured.R
    answer = verdict(
        measured, evidence=evidence, budget=budget, power=power, contamination_clean=contamination_clean,
        coverage_complete=coverage_complete,
    )  # fmt: skip
    return Score(
        risk=measured,
        verdict=answer,
        evidence=evidence,
        figures={name: estimate.to_dict() for name, estimate in figures.items()},
        identities=rows,
        strongest_control=measured.strongest_control if measured else None,
    )


def _identity_bits(v: Verification, seed: int) -> Estimate:
    """mean log2(gallery size / rank), in bits, by the worst rank over the verifiers."""
    rank = np.max([r.rank for r in v.readings], axis=0)
    bits = np.log2(len(v.gallery) / rank)
    return mean_difference(bits, np.zeros_like(bits), seed=seed)


def _fill(rows: list[dict[str, Any]], v: Verification, controls: dict[str, np.ndarray]) -> None:
    column = {int(k): i for i, k in enumerate(v.gallery)}
    for i, row in enumerate(rows):
        row["verified"] = bool(v.success[i])
        row["rank"] = {r.name: int(r.rank[i]) for r in v.readings}
        row["similarity"] = {r.name: float(r.similarity[i, column[row["identity"]]]) for r in v.readings}
        row["threshold"] = {r.name: r.threshold for r in v.readings}
        row["controls"] = {name: float(q[i]) for name, q in controls.items()}
