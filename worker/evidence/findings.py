"""Findings of verify, stored as arrays. The score stage reads them instead of private images."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.exposure import Exposures
from worker.evaluation.rates import VerifierError
from worker.evaluation.statistics import Estimate
from worker.evaluation.verification import PartialControl, Verification, VerifierReading

KIND = "findings"


@dataclass(frozen=True)
class Findings:
    """Findings about the submissions, one per identity in the order of `identities`.

    Attributes:
        target_top1: (N,) bool.
        evaluator_top5: (N, <= 5) or None.
        verification: None without verifiers.
        missing: identities of the plan that could not be scored.
        cards: of the judges, for the report.
        fit: (M,) accuracy of the target on the private images of each identity, or None.
        refused: sentences about rejected verifiers.
        metrics: figures beside the risk.
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


def save_findings(findings: Findings, path: Path) -> None:
    """Write the findings as one .npz without pickles."""
    arrays: dict[str, np.ndarray] = {"identities": findings.identities, "target_top1": findings.target_top1}
    for name, array in (("evaluator_top5", findings.evaluator_top5), ("fit", findings.fit)):
        if array is not None:
            arrays[name] = array
    meta: dict[str, Any] = {"missing": findings.missing, "cards": findings.cards, "refused": list(findings.refused)}
    meta["metrics"] = {name: one.to_dict() for name, one in findings.metrics.items()}
    if findings.verification is not None:
        arrays |= _arrays(findings.verification, meta)
    with path.open("wb") as file:
        np.savez(file, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]  # its stub lacks **kwargs


def _arrays(v: Verification, meta: dict[str, Any]) -> dict[str, np.ndarray]:
    arrays = {"gallery": v.gallery, "hits": v.hits, "success": v.success, "rank1": v.rank1, "restarts": v.restarts}
    meta["readings"] = [[r.name, r.digest, r.threshold, r.negatives, r.false_matches.to_dict()] for r in v.readings]
    for i, r in enumerate(v.readings):
        arrays |= {f"similarity_{i}": r.similarity, f"rank_{i}": r.rank, f"alone_{i}": v.alone[r.name]}
    meta["controls"], meta["partial"] = sorted(v.control_hits), sorted(v.partial)
    arrays |= {f"control_{name}": hits for name, hits in v.control_hits.items()}
    for name, one in v.partial.items():
        arrays |= {f"partial_{name}": one.hits, f"partial_identities_{name}": one.identities}
    e = v.exposures
    arrays |= {"strength": e.strength, "p_value": e.p_value, "named": e.named, "worst_decile": e.worst_decile}
    if v.error is not None:
        arrays |= {"accepted": v.error.accepted, "false_accepted": v.error.false_accepted}
    return arrays


def load_findings(path: Path) -> Findings:
    """Read a file that `save_findings` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta = json.loads(str(arrays["meta"]))
    return Findings(
        identities=arrays["identities"],
        target_top1=arrays["target_top1"],
        evaluator_top5=arrays.get("evaluator_top5"),
        verification=_verification(arrays, meta) if "gallery" in arrays else None,
        missing=meta["missing"],
        cards=meta["cards"],
        fit=arrays.get("fit"),
        refused=tuple(meta["refused"]),
        metrics={name: Estimate(**one) for name, one in meta["metrics"].items()},
    )


def _verification(arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> Verification:
    readings = tuple(
        VerifierReading(name, digest, arrays[f"similarity_{i}"], arrays[f"rank_{i}"], tau, negatives, Estimate(**false))
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
        error=VerifierError(arrays["accepted"], arrays["false_accepted"]) if "accepted" in arrays else None,
        partial={
            name: PartialControl(arrays[f"partial_identities_{name}"], arrays[f"partial_{name}"])
            for name in meta["partial"]
        },
    )
