"""Rows of the table `score`: one per judge and reconstruction that it judged."""

from typing import Any

import numpy as np

from app.contract.likeness import Likeness
from worker.evaluation.verification import Verification, VerifierReading
from worker.evidence.evaluator import EvaluatorReading
from worker.evidence.inputs import AuditInputs
from worker.evidence.reconstructions import Picture


def verifier_rows(
    inputs: AuditInputs, verification: Verification, submissions: list[Picture], likenesses: list[list[Likeness]]
) -> list[dict[str, Any]]:
    """Return a score of each verifier for each submission.

    Args:
        likenesses: of each verifier, one for each submission.
    """
    column = {int(identity): at for at, identity in enumerate(verification.gallery)}
    rows = []
    for reading, found in zip(verification.readings, likenesses, strict=True):
        for at, (one, likeness) in enumerate(zip(submissions, found, strict=True)):
            similarity = float(reading.similarity[at, column[one.identity]])
            row = _row(inputs, one, reading, int(reading.rank[at]), similarity)
            nearest = likeness.references[0].index if likeness.references else None
            rows.append(row | {"nearest_reference": nearest, "details": likeness.model_dump(mode="json")})
    return rows


def candidate_rows(inputs: AuditInputs, verification: Verification, made: list[Picture]) -> list[dict[str, Any]]:
    """Return a score of each verifier for each reconstruction that was not submitted.

    Args:
        made: the reconstructions of the attack, in the order in which they were verified.
    """
    rows = []
    for reading in verification.readings:
        candidates = reading.candidates
        assert candidates is not None, "findings that were just made have them"
        for one, rank, similarity in zip(made, candidates.rank, candidates.similarity, strict=True):
            if not one.submitted and np.isfinite(similarity):
                rows.append(_row(inputs, one, reading, int(rank), float(similarity)))
    return rows


def _row(inputs: AuditInputs, one: Picture, reading: VerifierReading, rank: int, similarity: float) -> dict[str, Any]:
    return {
        "reconstruction_id": one.id,
        "judge": reading.name,
        "project_id": inputs.project_id,
        "audit_id": inputs.audit_id,
        "kind": "verifier",
        "rank": rank,
        "similarity": similarity,
        "threshold": reading.threshold,
        "passed": rank == 1 and similarity >= reading.threshold,
        "nearest_reference": None,
        "details": {},
    }


def evaluator_rows(inputs: AuditInputs, submissions: list[Picture], reading: EvaluatorReading) -> list[dict[str, Any]]:
    """Return the evaluator's score for each submission."""
    return [
        {
            "reconstruction_id": one.id,
            "judge": "evaluator",
            "project_id": inputs.project_id,
            "audit_id": inputs.audit_id,
            "kind": "evaluator",
            "rank": int(reading.rank[at]),
            "similarity": float(reading.probability[at]),
            "threshold": None,
            "passed": bool(reading.rank[at] == 1),
            "nearest_reference": None,
            "details": {},
        }
        for at, one in enumerate(submissions)
    ]
