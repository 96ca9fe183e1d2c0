"""The judges of an audit: bundled verifiers, and an evaluator trained on the private images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.kit.canonical import digest
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.verification import templates
from worker.evaluation.verifiers import Verifier
from worker.inversion.data import images_digest, to_tensor
from worker.runtime.context import StageContext
from worker.stages.artifacts import make_artifact
from worker.stages.inputs import AuditInputs
from worker.stages.references import PrivateSet, References

EVALUATOR_VERSION = "evaluator/1"
EVALUATOR_SEED = 0
FEWEST_FOR_EVALUATOR = 2  # images of each class, on average


def open_evaluator(context: StageContext, inputs: AuditInputs, private: PrivateSet) -> Evaluator | None:
    """Train the evaluator, or reuse the one of the same images; None with too few images to train on."""
    train = private.train
    if len(train.images) < FEWEST_FOR_EVALUATOR * len(np.unique(train.labels)):
        return None
    options: dict[str, Any] = dict(inputs.plan.get("evaluator_options") or {})
    content = {
        "images": images_digest(train.images),
        "labels": digest(train.labels.tolist()),
        "classes": len(inputs.classes),
        "options": options,
        "seed": EVALUATOR_SEED,
        "code": EVALUATOR_VERSION,
    }

    def make(path: Path) -> dict[str, Any]:
        evaluator = train_evaluator(
            train.images,
            train.labels,
            seed=EVALUATOR_SEED,
            num_classes=len(inputs.classes),
            progress=context.progress,
            **options,
        )
        save_evaluator(evaluator, path)
        return {"images": len(train.images)}

    return load_evaluator(make_artifact(context, "evaluator", digest(content), make).path)


@dataclass(frozen=True)
class EvaluatorReading:
    """What the evaluator says of N submissions: top five (N, <= 5), rank and probability of the true class (N,)."""

    top5: np.ndarray
    rank: np.ndarray
    probability: np.ndarray


def evaluator_reading(evaluator: Evaluator, images: np.ndarray, identities: np.ndarray) -> EvaluatorReading:
    """Ask the evaluator."""
    with torch.no_grad():
        logits = torch.cat([evaluator.model(part).logits for part in torch.split(to_tensor(images), 256)])
    probability = logits.softmax(1).numpy()
    rows = np.arange(len(images))
    true = logits.numpy()[rows, identities]
    rank = (logits.numpy() >= true[:, None]).sum(1)
    return EvaluatorReading(evaluator.top(images), rank, probability[rows, identities])


def evaluator_accuracy(evaluator: Evaluator, held_out: References) -> dict[str, Any]:
    """Top-1 accuracy on held-out private images."""
    n = len(held_out.images)
    right = float(np.mean(evaluator.top(held_out.images, 1)[:, 0] == held_out.labels)) if n else None
    return {"label": "uncalibrated", "held_out_accuracy": right, "n": n}


@dataclass(frozen=True)
class Competence:
    """How often a verifier ranks a held-out private image's own identity first, on `references` images."""

    rank1: float | None
    references: int


def competence(verifier: Verifier, private: PrivateSet) -> Competence:
    """Measure a verifier on real images that are not in the gallery."""
    if not len(private.held_out.images):
        return Competence(None, 0)
    means, gallery = templates(verifier.embed(private.train.images), private.train.labels)
    best = gallery[(verifier.embed(private.held_out.images) @ means.T).argmax(1)]
    return Competence(float(np.mean(best == private.held_out.labels)), len(best))


def nearest_references(verifier: Verifier, images: np.ndarray, identities: np.ndarray, train: References) -> np.ndarray:
    """For each image the most similar reference of its own identity, as an index into the private set: (N,)."""
    similarity = verifier.embed(images) @ verifier.embed(train.images).T
    similarity[train.labels[None, :] != identities[:, None]] = -np.inf
    nearest: np.ndarray = train.index[similarity.argmax(1)]
    return nearest
