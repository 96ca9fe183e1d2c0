"""The judges of an audit: verifiers, and an evaluator trained on the private images; and whether they are fit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from app.kit.canonical import digest
from app.sentences import references as words
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator, train_evaluator
from worker.evaluation.input_conventions import guesses_of
from worker.evaluation.panel import Panel
from worker.evaluation.sight import SENSITIVITY_NEEDED, Sight, sees
from worker.evaluation.statistics import by_identity, mean
from worker.evaluation.verifiers import Embedder
from worker.evidence.artifacts import make_artifact
from worker.evidence.inputs import AuditInputs
from worker.evidence.private_set import PrivateSet, References
from worker.evidence.verifiers import Others
from worker.inversion.data import images_digest, to_tensor
from worker.inversion.targets import Target
from worker.job.context import StageContext

EVALUATOR_VERSION = "evaluator/1"
EVALUATOR_SEED = 0
FEWEST_FOR_EVALUATOR = 2  # images of each class, on average


def evaluator_possible(train: References) -> bool:
    """Whether there are enough training images to train an evaluator on."""
    return len(train.images) >= FEWEST_FOR_EVALUATOR * len(np.unique(train.labels))


def open_evaluator(context: StageContext, inputs: AuditInputs, private: PrivateSet) -> Evaluator | None:
    """Train the evaluator, or reuse the one of the same images; None with too few images to train on."""
    train = private.train
    if not evaluator_possible(train):
        return None
    options = inputs.plan.evaluator_options or {}
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
    """Top-1 accuracy on held-out private images; `n` of the card counts these, `n` of the figure identities."""
    n, figures = len(held_out.images), {}
    if n:
        right = evaluator.top(held_out.images, 1)[:, 0] == held_out.labels
        figures["held_out_accuracy"] = mean(by_identity(right, held_out.labels), within=(0, 1)).to_dict()
    value = figures["held_out_accuracy"]["value"] if n else None
    return {"label": "uncalibrated", "held_out_accuracy": value, "n": n, "figures": figures}


@dataclass(frozen=True)
class Seated:
    """The verifiers that may judge, before the gallery of the references; and those that may not, in words.

    Attributes:
        cards: of every verifier, what it shows on real images of these people.
    """

    panel: Panel
    cards: list[dict[str, Any]]
    refused: tuple[str, ...]


def seat(
    verifiers: Sequence[Embedder], private: PrivateSet, others: Others | None = None, *, default: Collection[str] = ()
) -> Seated:
    """Measure every verifier on real images of these identities, and refuse those that guess.

    Args:
        others: further people of the gallery.
        default: digests of shipped verifiers that nobody named. They must be shown to see: most images of the size
            that they were made for are of something else.
    """
    train, held_out = private.train, private.held_out
    panel = Panel.of(verifiers, train.images, train.labels)
    if others is not None:
        panel = panel.among(others.images, others.labels)
    cards, refused, unfit = [], [], []
    for sight in sees(panel, (held_out.images, held_out.labels)):
        reason = unfit_because(sight, len(panel.gallery), default=sight.digest in default)
        measured = sight.to_dict()
        card = {
            "name": sight.name,
            "digest": sight.digest,
            "rank1_on_references": sight.rank1.value if sight.images else None,
            "references": sight.images,
            "refused": reason is not None,
            "figures": {
                "rank1_on_references": measured["rank1"],
                "sensitivity_alone": measured["sensitivity"],
                "specificity_alone": measured["specificity"],
            }
            if sight.images
            else {},
        }
        if reason is not None:
            unfit.append(sight.name)
            card["reason"] = reason
            refused.append(reason)
        cards.append(card)
    return Seated(panel.without(unfit) if unfit else panel, cards, tuple(refused))


def unfit_because(sight: Sight, gallery: int, *, default: bool) -> str | None:
    """In words, why a verifier may not judge; None if it may."""
    if sight.blind:
        return words.blind_verifier(sight.name, sight.rank1.value, gallery)
    if not default or sight.sees:
        return None
    if not sight.images:
        return words.unmeasured_verifier(sight.name)
    return words.poor_verifier(sight.name, sight.sensitivity.value, SENSITIVITY_NEEDED)


def target_fit(target: Target, private: PrivateSet) -> np.ndarray:
    """(M,) the target's accuracy on the private images of each identity, training and held-out together."""
    images = np.concatenate([private.train.images, private.held_out.images])
    labels = np.concatenate([private.train.labels, private.held_out.labels])
    return by_identity(guesses_of(target, images) == labels, labels)


def twin_accuracy(twin: Target, private: PrivateSet, replaced: Sequence[int]) -> dict[str, Any]:
    """Whether the twin is one: it should know the others as the target does, and not the replaced (mean accuracy)."""
    labels = np.unique(np.concatenate([private.train.labels, private.held_out.labels]))
    fit, gone = target_fit(twin, private), np.isin(labels, replaced)
    parts = {"on_replaced": fit[gone], "on_others": fit[~gone]}
    figures = {name: mean(part, within=(0, 1)).to_dict() for name, part in parts.items() if len(part)}
    return {name: figures[name]["value"] if name in figures else None for name in parts} | {"figures": figures}


def nearest_references(verifier: Embedder, images: np.ndarray, identities: np.ndarray, train: References) -> np.ndarray:
    """For each image the most similar reference of its own identity, as an index into the private set: (N,)."""
    similarity = verifier.embed(images) @ verifier.embed(train.images).T
    similarity[train.labels[None, :] != identities[:, None]] = -np.inf
    nearest: np.ndarray = train.index[similarity.argmax(1)]
    return nearest
