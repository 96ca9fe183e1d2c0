"""Several attacks on the same identities, each verified by itself, as one verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from worker.evaluation.controls import permuted_control
from worker.evaluation.exposure import FALSE_DISCOVERY_RATE, Exposures, worst_tenth
from worker.evaluation.rates import VerifierError
from worker.evaluation.risk import ALPHA, Risk, risk
from worker.evaluation.statistics import benjamini_hochberg
from worker.evaluation.verification import PartialControl, Verification, VerifierReading

Combination = Literal["union", "strongest"]


def combined(verifications: Sequence[Verification], how: Combination) -> tuple[Verification, tuple[Verification, ...]]:
    """Return the verification to report, and its rivals.

    "union": an identity counts if any attack succeeds. There are no rivals. "strongest": the
    attack with the most successes, the first of equals. The others are its rivals in every
    resample.
    """
    if how == "union":
        return (verifications[0] if len(verifications) == 1 else union(verifications)), ()
    best = int(np.argmax([one.success.mean() for one in verifications]))
    return verifications[best], tuple(one for at, one in enumerate(verifications) if at != best)


def union(verifications: Sequence[Verification]) -> Verification:
    """Return the verification in which one attack that succeeds is enough: S_k = max_a S_ak.

    Every attack keeps its own thresholds, negatives and controls. A control counts if that of any
    attack does, so the control has as many images as the attacks. Readings of an identity are
    those of the attack that recognises it by the widest margin, or else misses it by the smallest.

    p-values are A times the smallest of the attacks (Bonferroni).

    Raises: ValueError when the attacks are of different identities.
    """
    first = verifications[0]
    if any(not np.array_equal(one.identities, first.identities) for one in verifications):
        raise ValueError("the attacks of a union have the same identities in the same order")
    chosen = np.argmax([_closeness(one) for one in verifications], axis=0)
    rows = np.arange(len(chosen))
    by_attack = np.stack([one.success for one in verifications])
    success = np.asarray(by_attack.any(0))
    return replace(
        first,
        readings=tuple(
            _reading([one.readings[v] for one in verifications], chosen, rows) for v in range(len(first.readings))
        ),
        hits=np.any([one.hits for one in verifications], axis=0),
        success=success,
        rank1=np.any([one.rank1 for one in verifications], axis=0),
        alone={name: np.any([one.alone[name] for one in verifications], axis=0) for name in first.alone},
        control_hits={
            name: np.any([one.control_hits[name] for one in verifications], axis=0) for name in first.control_hits
        },
        exposures=_exposures([one.exposures for one in verifications], success),
        restarts=np.sum([one.restarts for one in verifications], axis=0),
        error=common_error(verifications),
        partial={
            name: PartialControl(
                first.partial[name].identities, np.any([one.partial[name].hits for one in verifications], axis=0)
            )
            for name in first.partial
        },
        by_attack=by_attack,
        chosen=chosen,
    )


def risk_of(
    shown: Verification,
    rivals: Sequence[Verification] = (),
    *,
    error: VerifierError | None,
    seed: int,
    alpha: float = ALPHA,
) -> Risk:
    """Return R of a verification, or of the strongest of it and its rivals in each resample.

    Every control of every attack counts against each of them.
    """
    success, controls = {"0": shown.success.astype(float)}, controls_of(shown)
    for number, rival in enumerate(rivals, 1):
        success[str(number)] = rival.success.astype(float)
        controls |= {f"{name} {number}": hits for name, hits in controls_of(rival).items()}
    found = risk(success, controls, error=error, seed=seed, alpha=alpha)
    return replace(found, strongest_control=found.strongest_control.split(" ")[0])


def controls_of(v: Verification) -> dict[str, np.ndarray]:
    """Return Q (N,) of every control of all identities, the permuted one among them."""
    controls = {name: hit.astype(float) for name, hit in v.control_hits.items()}
    controls["permuted"] = permuted_control(v.hits, v.identities, v.gallery)
    for name, one in v.partial.items():
        if len(one.identities) == len(v.identities):  # covers all identities
            hit = dict(zip(one.identities.tolist(), one.hits.tolist(), strict=True))
            controls[name] = np.array([hit[int(k)] for k in v.identities], float)
    return controls


def common_error(verifications: Sequence[Verification]) -> VerifierError | None:
    """Return the error of the verifiers over these attacks, or None if it is not usable."""
    errors = [one.error for one in verifications]
    known = [one for one in errors if one is not None]
    if len(known) < len(errors):
        return None
    error = known[0] if len(known) == 1 else VerifierError.any_of(known)
    return error if error.usable else None


def _closeness(v: Verification) -> np.ndarray:
    """Return (N,) the smallest similarity minus tau, plus 4 where every verifier recognises."""
    rows, own = np.arange(len(v.identities)), np.searchsorted(v.gallery, v.identities)
    margins = [r.similarity[rows, own] - r.threshold for r in v.readings]
    closeness: np.ndarray = np.min(margins, axis=0) + 4.0 * v.success
    return closeness


def _reading(readings: Sequence[VerifierReading], chosen: np.ndarray, rows: np.ndarray) -> VerifierReading:
    """Return the readings of one verifier for the chosen submissions."""
    return replace(
        readings[0],
        similarity=np.stack([one.similarity for one in readings])[chosen, rows],
        rank=np.stack([one.rank for one in readings])[chosen, rows],
        threshold=max(one.threshold for one in readings),
        negatives=sum(one.negatives for one in readings),
        false_matches=max((one.false_matches for one in readings), key=lambda rate: rate.value),
        thresholds=np.array([one.threshold for one in readings])[chosen],
    )


def _exposures(found: Sequence[Exposures], success: np.ndarray) -> Exposures:
    strength = np.max([one.strength for one in found], axis=0)
    p = np.minimum(1.0, len(found) * np.min([one.p_value for one in found], axis=0))
    return Exposures(strength, p, success & benjamini_hochberg(p, rate=FALSE_DISCOVERY_RATE), worst_tenth(strength))
