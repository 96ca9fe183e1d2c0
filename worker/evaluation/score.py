"""Combines verification, controls, evaluator and target readings into risk and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worker.evaluation.controls import permuted_control
from worker.evaluation.metrics import attack_accuracy, identity_bits, overfitting_gap
from worker.evaluation.portfolio import common_error, controls_of, risk_of
from worker.evaluation.rates import VerifierError
from worker.evaluation.risk import Risk, risk
from worker.evaluation.severity import Access, ReleasePlan, Severity, severity
from worker.evaluation.statistics import Estimate, mean, share
from worker.evaluation.verdict import Evidence, Verdict, evidence_level, verdict
from worker.evaluation.verification import Verification


@dataclass(frozen=True)
class Score:
    """The result of the attacks of an audit.

    Attributes:
        figures: name -> {value, low, high, n}. Shares are of identities unless the name says
            otherwise.
        identities: one row per identity, for the table of the report.
        hits: identities recognised by every verifier, or by the evaluator if it alone decides.
        partial: {n, p, q, risk, lower} for controls of some identities (a twin), on these
            identities.
        named: identities exposed by name, strongest first.
        worst_decile: the tenth of the identities with the largest strength.
        severity: None without a risk.
    """

    risk: Risk | None
    verdict: Verdict
    evidence: Evidence
    figures: dict[str, dict[str, float | int]]
    identities: list[dict[str, Any]]
    strongest_control: str | None
    partial: dict[str, dict[str, Any]]
    named: list[int]
    worst_decile: list[int]
    severity: Severity | None = None
    hits: int = 0


def score(
    identities: np.ndarray,
    target_top1: np.ndarray,
    *,
    verification: Verification | None = None,
    evaluator_top5: np.ndarray | None = None,
    access: Access = "white-box",
    release_plan: ReleasePlan | None = None,
    budget: float = 0.05,
    power: float | None = None,
    contamination_clean: bool | None = None,
    missing: int = 0,
    references: bool = True,
    fit: Mapping[str, Any] | None = None,
    accuracy: np.ndarray | None = None,
    refused: Sequence[Mapping[str, Any]] = (),
    people: bool = True,
    metrics: Mapping[str, Estimate] | None = None,
    rivals: Sequence[Verification] = (),
    seed: int = 0,
) -> Score:
    """Score the submissions of one attack, or of several as `portfolio.combined` combines them.

    The risk counts verified successes. With fewer than two verifiers, the evaluator's top-1 is
    used instead with its permuted control only, and the evidence level says so.

    Args:
        identities: (N,).
        target_top1: (N,) bool, from the reconstructions.
        verification: None without private images or verifiers.
        evaluator_top5: (N, <= 5) from `Evaluator.top`, (N, A, <= 5) for the submissions of A
            attacks, or None.
        missing: planned identities that could not be scored.
        references: whether there are private images.
        fit: the `fit` argument of `verdict`.
        accuracy: (M,) the target's accuracy on the private images of each identity.
        people: whether a class is one person.
        metrics: further figures, which the caller measured on the images.
        rivals: other attacks, if the strongest in each resample counts.
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
    error: VerifierError | None = None
    if evaluator_top5 is not None:
        top1 = (_first(evaluator_top5) == identities[:, None]).any(1)
        figures["attack_accuracy_top1"] = attack_accuracy(evaluator_top5, identities, k=1, seed=seed)
        figures["attack_accuracy_top5"] = attack_accuracy(evaluator_top5, identities, k=5, seed=seed)
        figures["overfitting_gap_evaluator"] = overfitting_gap(target_top1, top1, seed=seed)
        for row, hit in zip(rows, top1, strict=True):
            row["evaluator_top1"] = bool(hit)
        if evidence == "evaluator":
            measured = evaluator_risk(evaluator_top5, identities, seed)
    partial: dict[str, dict[str, Any]] = {}
    if verification is not None:
        controls = controls_of(verification)
        error = common_error([verification, *rivals])
        partial = _partial(verification, error, seed)
        figures["rank1_all_verifiers"] = share(verification.rank1)
        figures["overfitting_gap"] = overfitting_gap(target_top1, verification.rank1, seed=seed)
        if len(verification.gallery) > 1:
            ranks = [r.rank for r in verification.readings]
            figures["identity_bits"] = identity_bits(ranks, len(verification.gallery), seed=seed)
        for name, hit in verification.alone.items():
            figures[f"verifier_{name}"] = share(hit)
        for name, q in controls.items():
            figures[f"control_{name}"] = risk({name: q}, {}, seed=seed).p
        _fill(rows, verification, controls)
        if evidence == "verified":
            measured = risk_of(verification, rivals, error=error, seed=seed)
            figures["verified"] = share(verification.success)
    figures |= dict(metrics or {})
    if measured is not None:
        figures["control"], figures["risk"] = measured.q, measured.R
    if accuracy is not None and len(accuracy):
        figures["target_accuracy_on_references"] = mean(accuracy, within=(0, 1), seed=seed)
    answer = verdict(
        measured, evidence=evidence, budget=budget, power=power, contamination_clean=contamination_clean,
        missing=missing, fit=fit, references=references, refused=refused,
        verifiers_measured=evidence != "verified" or error is not None,
        disagreement=disagreement(verification, budget) if verification is not None else None,
    )  # fmt: skip
    found = verification.exposures if verification is not None and evidence == "verified" else None
    order = [] if found is None else [int(i) for i in np.argsort(-found.strength, kind="stable")]
    named = [int(identities[i]) for i in order if found is not None and found.named[i]]
    decided = "verified" if evidence == "verified" else "evaluator_top1"
    return Score(
        risk=measured,
        verdict=answer,
        evidence=evidence,
        figures={name: estimate.to_dict() for name, estimate in figures.items()},
        identities=rows,
        strongest_control=measured.strongest_control if measured else None,
        partial=partial,
        named=named,
        worst_decile=[] if found is None else [int(identities[i]) for i in found.worst_decile],
        severity=(
            severity(access, measured.lower, release_plan=release_plan, named=len(named), people=people)
            if measured
            else None
        ),
        hits=sum(bool(row.get(decided)) for row in rows),
    )


def evaluator_risk(top5: np.ndarray, identities: np.ndarray, seed: int) -> Risk:
    """Return R of the evaluator's first guess, with the permuted control. It is not calibrated."""
    first = _first(top5)
    taken = (first[:, :, None] == identities).any(1)
    controls = {"permuted": permuted_control(taken, identities, identities)}
    return risk({"attack": (first == identities[:, None]).any(1)}, controls, seed=seed)


def _first(top5: np.ndarray) -> np.ndarray:
    """Return the first guess (N, A) for the submission of each attack."""
    guesses: np.ndarray = top5.reshape(len(top5), -1, top5.shape[-1])[:, :, 0]
    return guesses


def disagreement(v: Verification, budget: float) -> dict[str, Any] | None:
    """Return the verifier that alone accepts more than all together, by more than the budget.

    Success needs every verifier, so disagreement lowers the risk. It can hide a leak but not
    invent one. Returns None if there is no such verifier.
    """
    together = v.success.mean()
    name, alone = max(((name, float(hits.mean())) for name, hits in v.alone.items()), key=lambda one: one[1])
    only = share(v.alone[name] & ~v.success)
    if only.low <= budget:
        return None
    return {"verifier": name, "alone": alone, "together": float(together)}


def _partial(v: Verification, error: VerifierError | None, seed: int) -> dict[str, dict[str, Any]]:
    """Return the risk on the identities that have a partial control."""
    place = {int(k): i for i, k in enumerate(v.identities)}
    out = {}
    for name, one in v.partial.items():
        S = v.success[[place[int(k)] for k in one.identities]].astype(float)
        found = risk({"attack": S}, {name: one.hits.astype(float)}, error=error, seed=seed)
        out[name] = {
            "n": len(one.identities),
            "identities": one.identities.tolist(),
            "p": found.p.to_dict(),
            "q": found.q.to_dict(),
            "risk": found.R.to_dict(),
            "bound_low": found.lower,
            "bound_high": found.upper,
        }
    return out


def _fill(rows: list[dict[str, Any]], v: Verification, controls: dict[str, np.ndarray]) -> None:
    column = {int(k): i for i, k in enumerate(v.gallery)}
    found = v.exposures
    for i, row in enumerate(rows):
        row["verified"] = bool(v.success[i])
        row["rank"] = {r.name: int(r.rank[i]) for r in v.readings}
        row["similarity"] = {r.name: float(r.similarity[i, column[row["identity"]]]) for r in v.readings}
        row["threshold"] = {r.name: r.threshold_of(i) for r in v.readings}
        row["controls"] = {name: float(q[i]) for name, q in controls.items()}
        row["p_value"], row["strength"] = float(found.p_value[i]), float(found.strength[i])
        row["named"], row["worst_decile"] = bool(found.named[i]), bool(i in found.worst_decile)
        row["restarts"] = {"recognised": int(v.restarts[0, i]), "of": int(v.restarts[1, i])}
        if v.by_attack is not None and v.chosen is not None:
            row["attack"] = int(v.chosen[i])
            row["recognised_by"] = [int(a) for a in np.flatnonzero(v.by_attack[:, i])]
