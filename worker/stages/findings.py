"""What verify found, as arrays in an artifact: the score stage reads figures, never private images."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from worker.evaluation.verification import Verification, VerifierReading

KIND = "findings"


@dataclass(frozen=True)
class Findings:
    """Of the submissions, one per identity in the order of `identities`.

    Attributes:
        target_top1: (N,) bool. evaluator_top5: (N, <= 5) or None. verification: None without verifiers.
        missing: identities of the plan that could not be scored. cards: what the report says of the judges.
    """

    identities: np.ndarray
    target_top1: np.ndarray
    evaluator_top5: np.ndarray | None = None
    verification: Verification | None = None
    missing: list[int] = field(default_factory=list)
    cards: dict[str, Any] = field(default_factory=dict)


def save_findings(findings: Findings, path: Path) -> None:
    """Write one .npz without pickles."""
    arrays: dict[str, np.ndarray] = {"identities": findings.identities, "target_top1": findings.target_top1}
    if findings.evaluator_top5 is not None:
        arrays["evaluator_top5"] = findings.evaluator_top5
    meta: dict[str, Any] = {"missing": findings.missing, "cards": findings.cards}
    v = findings.verification
    if v is not None:
        arrays |= {"gallery": v.gallery, "hits": v.hits, "success": v.success, "rank1": v.rank1}
        meta["controls"] = sorted(v.control_hits)
        arrays |= {f"control_{name}": hits for name, hits in v.control_hits.items()}
        meta["readings"] = []
        for i, r in enumerate(v.readings):
            arrays |= {f"similarity_{i}": r.similarity, f"rank_{i}": r.rank}
            meta["readings"].append([r.name, r.digest, r.threshold, r.negatives, r.false_match_rate])
    with path.open("wb") as file:
        np.savez(file, meta=np.array(json.dumps(meta)), **arrays)  # type: ignore[arg-type]  # its stub lacks **kwargs


def load_findings(path: Path) -> Findings:
    """Read a file of `save_findings`."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta = json.loads(str(arrays["meta"]))
    verification = None
    if "gallery" in arrays:
        readings = tuple(
            VerifierReading(name, digest, arrays[f"similarity_{i}"], arrays[f"rank_{i}"], tau, negatives, rate)
            for i, (name, digest, tau, negatives, rate) in enumerate(meta["readings"])
        )
        verification = Verification(
            identities=arrays["identities"],
            gallery=arrays["gallery"],
            readings=readings,
            hits=arrays["hits"],
            success=arrays["success"],
            rank1=arrays["rank1"],
            control_hits={name: arrays[f"control_{name}"] for name in meta["controls"]},
        )
    return Findings(
        identities=arrays["identities"],
        target_top1=arrays["target_top1"],
        evaluator_top5=arrays.get("evaluator_top5"),
        verification=verification,
        missing=meta["missing"],
        cards=meta["cards"],
    )
