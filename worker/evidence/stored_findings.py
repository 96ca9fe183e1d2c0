"""Findings of verify, stored as arrays. The score stage reads them instead of private images."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.exposure import Exposures
from worker.evaluation.rates import VerifierError
from worker.evaluation.statistics import Estimate
from worker.evaluation.verification import PartialControl, Verification, VerifierReading
from worker.evidence.findings import Findings, OfAttack

KIND = "findings"


def save_findings(findings: Findings, path: Path) -> None:
    """Write the findings as one .npz without pickles."""
    arrays, meta = _stored(findings)
    if findings.fit is not None:
        arrays["fit"] = findings.fit
    meta |= {"missing": findings.missing, "cards": findings.cards, "refused": list(findings.refused), "attacks": []}
    for number, one in enumerate(findings.attacks):
        own, about = _stored(one)
        arrays |= {f"{number}/{name}": array for name, array in own.items()}
        meta["attacks"].append(about)
    with path.open("wb") as file:
        np.savez(file, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]  # its stub lacks **kwargs


def _stored(found: Findings | OfAttack) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays of what both kinds of findings have, and the rest as JSON."""
    arrays: dict[str, np.ndarray] = {"identities": found.identities, "target_top1": found.target_top1}
    if found.evaluator_top5 is not None:
        arrays["evaluator_top5"] = found.evaluator_top5
    meta: dict[str, Any] = {"metrics": {name: one.to_dict() for name, one in found.metrics.items()}}
    if found.verification is not None:
        arrays |= _arrays(found.verification, meta)
    return arrays, meta


def _arrays(v: Verification, meta: dict[str, Any]) -> dict[str, np.ndarray]:
    arrays = {"gallery": v.gallery, "hits": v.hits, "success": v.success, "rank1": v.rank1, "restarts": v.restarts}
    meta["readings"] = [[r.name, r.digest, r.threshold, r.negatives, r.false_matches.to_dict()] for r in v.readings]
    for i, r in enumerate(v.readings):
        arrays |= {f"similarity_{i}": r.similarity, f"rank_{i}": r.rank, f"alone_{i}": v.alone[r.name]}
        if r.thresholds is not None:
            arrays[f"thresholds_{i}"] = r.thresholds
    meta["controls"], meta["partial"] = sorted(v.control_hits), sorted(v.partial)
    arrays |= {f"control_{name}": hits for name, hits in v.control_hits.items()}
    for name, one in v.partial.items():
        arrays |= {f"partial_{name}": one.hits, f"partial_identities_{name}": one.identities}
    e = v.exposures
    arrays |= {"strength": e.strength, "p_value": e.p_value, "named": e.named, "worst_decile": e.worst_decile}
    if v.error is not None:
        arrays |= {"accepted": v.error.accepted, "false_accepted": v.error.false_accepted}
        if v.error.once is not None:
            arrays |= {"accepted_once": v.error.once.accepted, "false_accepted_once": v.error.once.false_accepted}
    if v.by_attack is not None and v.chosen is not None:
        arrays |= {"by_attack": v.by_attack, "chosen": v.chosen}
    return arrays


def load_findings(path: Path) -> Findings:
    """Read a file that `save_findings` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta = json.loads(str(arrays["meta"]))
    return Findings(
        **_loaded(arrays, meta),
        missing=meta["missing"],
        cards=meta["cards"],
        fit=arrays.get("fit"),
        refused=tuple(meta["refused"]),
        attacks=tuple(
            OfAttack(**_loaded(_under(f"{number}/", arrays), about))
            for number, about in enumerate(meta.get("attacks", []))
        ),
    )


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _loaded(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that both kinds of findings have."""
    return {
        "identities": arrays["identities"],
        "target_top1": arrays["target_top1"],
        "evaluator_top5": arrays.get("evaluator_top5"),
        "verification": _verification(arrays, meta) if "gallery" in arrays else None,
        "metrics": {name: Estimate(**one) for name, one in meta["metrics"].items()},
    }


def _verification(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> Verification:
    readings = tuple(
        VerifierReading(
            name,
            digest,
            arrays[f"similarity_{i}"],
            arrays[f"rank_{i}"],
            tau,
            negatives,
            Estimate(**false),
            arrays.get(f"thresholds_{i}"),
        )
        for i, (name, digest, tau, negatives, false) in enumerate(meta["readings"])
    )
    return Verification(
        identities=arrays["identities"],
        gallery=arrays["gallery"],
        readings=readings,
        hits=arrays["hits"],
        success=arrays["success"],
        rank1=arrays["rank1"],
        alone={r.name: arrays[f"alone_{i}"] for i, r in enumerate(readings)},
        control_hits={name: arrays[f"control_{name}"] for name in meta["controls"]},
        exposures=Exposures(arrays["strength"], arrays["p_value"], arrays["named"], arrays["worst_decile"]),
        restarts=arrays["restarts"],
        error=_error(arrays),
        by_attack=arrays.get("by_attack"),
        chosen=arrays.get("chosen"),
        partial={
            name: PartialControl(arrays[f"partial_identities_{name}"], arrays[f"partial_{name}"])
            for name in meta["partial"]
        },
    )


def _error(arrays: dict[str, np.ndarray]) -> VerifierError | None:
    if "accepted" not in arrays:
        return None
    once = None
    if "accepted_once" in arrays:
        once = VerifierError(arrays["accepted_once"], arrays["false_accepted_once"])
    return VerifierError(arrays["accepted"], arrays["false_accepted"], once)
