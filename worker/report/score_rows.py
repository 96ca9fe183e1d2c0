"""Rows of the table `score`: one per judge and submission."""

from typing import Any

import numpy as np

from worker.evaluation.verification import Verification
from worker.evaluation.verifiers import Embedder
from worker.evidence.evaluator import EvaluatorReading
from worker.evidence.inputs import AuditInputs
from worker.evidence.judges import nearest_references
from worker.evidence.private_set import References
from worker.evidence.reconstructions import Picture


def verifier_rows(
    inputs: AuditInputs,
    verifiers: list[Embedder],
    verification: Verification,
    submissions: list[Picture],
    images: np.ndarray,
    *,
    train: References,
) -> list[dict[str, Any]]:
    """Return a score of each verifier for each submission."""
    column = {int(identity): at for at, identity in enumerate(verification.gallery)}
    rows = []
    for verifier, reading in zip(verifiers, verification.readings, strict=True):
        nearest = nearest_references(verifier, images, verification.identities, train)
        for at, one in enumerate(submissions):
            similarity = float(reading.similarity[at, column[one.identity]])
            rows.append(
                {
                    "reconstruction_id": one.id,
                    "judge": reading.name,
                    "project_id": inputs.project_id,
                    "audit_id": inputs.audit_id,
                    "kind": "verifier",
                    "rank": int(reading.rank[at]),
                    "similarity": similarity,
                    "threshold": reading.threshold,
                    "passed": bool(reading.rank[at] == 1 and similarity >= reading.threshold),
                    "nearest_reference": int(nearest[at]),
                }
            )
    return rows


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
        }
        for at, one in enumerate(submissions)
    ]
