"""The judges of an audit: verifiers, and an evaluator trained on the private images; and whether they are fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.kit.canonical import digest
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.panel import Panel, blind
from worker.evaluation.statistics import by_identity
from worker.evaluation.verifiers import Embedder
from worker.inversion.data import images_digest, to_tensor
from worker.inversion.targets import Target
from worker.runtime.context import StageContext
from worker.stages.artifacts import make_artifact
from worker.stages.inputs import AuditInputs
from worker.stages.references import PrivateSet, References
from worker.stages.verifiers import Others

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
class Seated:
    """The verifiers that may judge, before the gallery of the references; and those refused, in words.

    Attributes:
        cards: of every verifier, name, digest and how often it ranks a real image's own identity first.
    """

    panel: Panel
    cards: list[dict[str, Any]]
    refused: tuple[str, ...]


def seat(verifiers: list[Embedder], private: PrivateSet, others: Others) -> Seated:
    """Measure every verifier on real images of these identities, and refuse those that do no better than guessing."""
    panel = Panel.of(verifiers, private.train.images, private.train.labels).among(others.images, others.labels)
    found, own = panel.ranked_first((private.held_out.images, private.held_out.labels))
    images = len(own)
    cards, refused, blinded = [], [], []
    for verifier, guesses in zip(verifiers, found, strict=True):
        unfit = blind(guesses, own, len(panel.gallery))
        rank1 = float(by_identity(guesses == own, own).mean()) if images else None
        cards.append(
            {
                "name": verifier.name,
                "digest": verifier.digest,
                "rank1_on_references": rank1,
                "references": images,
                "refused": unfit,
            }
        )
        if unfit:
            blinded.append(verifier.name)
            reason = (
                f"The verifier {verifier.name} finds the right person for {rank1:.0%} of the real images, no better "
                f"than guessing among {len(panel.gallery)}: it is blind to images of this kind and was not asked. "
                "Use verifiers trained on such images."
            )
            cards[-1]["reason"] = reason
            refused.append(reason)
    return Seated(panel.without(blinded) if blinded else panel, cards, tuple(refused))


def target_fit(target: Target, private: PrivateSet) -> np.ndarray:
    """(M,) the target's accuracy on the private images of each identity, training and held-out together."""
    images = np.concatenate([private.train.images, private.held_out.images])
    labels = np.concatenate([private.train.labels, private.held_out.labels])
    with torch.no_grad():
        parts = [target(to_tensor(images[at : at + 256])).logits.argmax(1) for at in range(0, len(images), 256)]
    return by_identity(torch.cat(parts).numpy() == labels, labels)


def twin_accuracy(twin: Target, private: PrivateSet, replaced: Sequence[int]) -> dict[str, float | None]:
    """Whether the twin is one: it should know the others as the target does, and not the replaced (mean accuracy)."""
    labels = np.unique(np.concatenate([private.train.labels, private.held_out.labels]))
    fit, gone = target_fit(twin, private), np.isin(labels, replaced)
    return {
        "on_replaced": float(fit[gone].mean()) if gone.any() else None,
        "on_others": float(fit[~gone].mean()) if (~gone).any() else None,
    }


def nearest_references(verifier: Embedder, images: np.ndarray, identities: np.ndarray, train: References) -> np.ndarray:
    """For each image the most similar reference of its own identity, as an index into the private set: (N,)."""
    similarity = verifier.embed(images) @ verifier.embed(train.images).T
    similarity[train.labels[None, :] != identities[:, None]] = -np.inf
    nearest: np.ndarray = train.index[similarity.argmax(1)]
    return nearest
