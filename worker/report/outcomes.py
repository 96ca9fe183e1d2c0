"""Rows of the table `identity_outcome`."""

from typing import Any

from app.contract.outcome import deciding_verifier
from worker.evidence.findings import Findings
from worker.evidence.inputs import AuditInputs


def evaluator_top5(findings: Findings) -> dict[int, bool]:
    """Return whether each identity is among the evaluator's top five.

    Empty without an evaluator.
    """
    if findings.evaluator_top5 is None:
        return {}
    guesses = findings.evaluator_top5.reshape(len(findings.identities), -1)
    hits = (guesses == findings.identities[:, None]).any(axis=1)
    return {int(identity): bool(hit) for identity, hit in zip(findings.identities, hits, strict=True)}


def outcome(inputs: AuditInputs, row: dict[str, Any], top5: bool | None) -> dict[str, Any]:
    """Return one row of `identity_outcome`. Values that were not measured are NULL."""
    deciding = deciding_verifier(row)
    controls: dict[str, float] = row.get("controls") or {}
    images = [hit for name, hit in controls.items() if name != "permuted"]
    shown = (
        *("rank", "similarity", "threshold", "controls", "p_value", "strength", "named", "worst_decile", "restarts"),
        *("attack", "recognised_by"),
    )
    return {
        "audit_id": inputs.audit_id,
        "project_id": inputs.project_id,
        "identity": row["identity"],
        "name": inputs.classes[row["identity"]],
        "verified": row.get("verified"),
        "control_verified": any(hit >= 1 for hit in images) if images else None,
        "evaluator_top1": row.get("evaluator_top1"),
        "evaluator_top5": top5,
        "target_top1": row["target_top1"],
        "similarity": deciding["similarity"] if deciding else None,
        "details": {name: row[name] for name in shown if name in row} | ({"deciding": deciding} if deciding else {}),
    }
