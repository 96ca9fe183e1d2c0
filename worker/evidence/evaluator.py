"""The evaluator of an audit, a second classifier trained on the private images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.kit.canonical import digest
from worker.evaluation.evaluator import EVALUATOR, Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.statistics import by_identity, mean
from worker.evidence.artifacts import make_artifact
from worker.evidence.inputs import AuditInputs
from worker.evidence.private_set import PrivateSet, References
from worker.inversion.data import images_digest
from worker.job.context import StageContext

EVALUATOR_SEED = 0
FEWEST_FOR_EVALUATOR = 2  # images of each class, on average


def evaluator_possible(train: References) -> bool:
    """Return whether there are enough training images for an evaluator."""
    return len(train.images) >= FEWEST_FOR_EVALUATOR * len(np.unique(train.labels))


def open_evaluator(context: StageContext, inputs: AuditInputs, private: PrivateSet) -> Evaluator | None:
    """Train the evaluator, or reuse the one of the same images. None with too few images."""
    train = private.train
    if not evaluator_possible(train):
        return None
    options = inputs.plan.evaluator_options or {}
    key = EVALUATOR.key(
        images=images_digest(train.images),
        labels=digest(train.labels.tolist()),
        classes=len(inputs.classes),
        options=options,
        seed=EVALUATOR_SEED,
    )

    def make(path: Path) -> dict[str, Any]:
        evaluator = train_evaluator(
            train.images,
            train.labels,
            seed=EVALUATOR_SEED,
            num_classes=len(inputs.classes),
            progress=context.progress,
            device=context.device,
            **options,
        )
        save_evaluator(evaluator, path)
        return {"images": len(train.images)}

    return load_evaluator(make_artifact(context, "evaluator", key, make).path).to(context.device)


@dataclass(frozen=True)
class EvaluatorReading:
    """Answers for N submissions: top five (N, <= 5); rank and probability (N,) of the class."""

    top5: np.ndarray
    rank: np.ndarray
    probability: np.ndarray


def evaluator_reading(evaluator: Evaluator, images: np.ndarray, identities: np.ndarray) -> EvaluatorReading:
    """Return the evaluator's answers for the submissions."""
    logits = evaluator.answers(images).logits
    probability = logits.softmax(1).numpy()
    rows = np.arange(len(images))
    true = logits.numpy()[rows, identities]
    rank = (logits.numpy() >= true[:, None]).sum(1)
    return EvaluatorReading(evaluator.top(images), rank, probability[rows, identities])


def evaluator_accuracy(evaluator: Evaluator, held_out: References) -> dict[str, Any]:
    """Return the card with the top-1 accuracy on held-out private images.

    `n` of the card counts these images, `n` of the figure counts identities.
    """
    n, figures = len(held_out.images), {}
    if n:
        right = evaluator.top(held_out.images, 1)[:, 0] == held_out.labels
        figures["held_out_accuracy"] = mean(by_identity(right, held_out.labels), within=(0, 1)).to_dict()
    value = figures["held_out_accuracy"]["value"] if n else None
    return {"label": "uncalibrated", "held_out_accuracy": value, "n": n, "figures": figures}
