"""The reference model of the power check and its students.

It is the shipped one, or one trained on the private images.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.kit.canonical import digest
from worker.bundled import omniglot
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator
from worker.evaluation.reference import REFERENCE, knowledge, reference_recipe, train_reference
from worker.evaluation.verifiers import BUNDLED
from worker.evidence.artifacts import make_artifact
from worker.evidence.files import sha256_of
from worker.evidence.inputs import AuditInputs
from worker.evidence.private_set import open_private_set
from worker.evidence.students import distilled, on_device
from worker.inversion.data import images_digest
from worker.inversion.students import load_students
from worker.inversion.targets import Target
from worker.job.context import StageContext

FEWEST_IMAGES = 2


@dataclass(frozen=True)
class Reference:
    """A model without defences, and the images it was trained on.

    Attributes:
        source: "bundled", or "trained" on the references of this audit, after the freeze.
        set_digest: of the data set of `references` and `held_out`. None for the bundled model.
        references, held_out: (images, labels), by class of `target`.
        card: of the bundled model, else None.
    """

    model: Evaluator
    digest: str
    source: str
    references: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    set_digest: str | None = None
    card: Path | None = None

    @property
    def target(self) -> Target:
        """The network that is attacked."""
        return self.model.model

    def to_dict(self) -> dict[str, Any]:
        """Return it for the result document, with its accuracy and its leak, if measured."""
        known = knowledge(self.model, self.references, self.held_out)
        leak = json.loads(self.card.read_text()).get("leak") if self.card else None
        return {
            "source": self.source,
            "digest": self.digest,
            "figures": {name: figure.to_dict() for name, figure in known.items()},
            "leak": leak,
            "known_to_leak": leak is not None,
        }


def open_reference(context: StageContext, inputs: AuditInputs, prior_keys: Sequence[str]) -> Reference | None:
    """Return the reference model shipped for one of the priors, or train one.

    It is trained on the private images. None if there are too few.
    """
    card = next(filter(None, map(bundled_reference, prior_keys)), None)
    if card is not None and tuple(json.loads(card.read_text())["shape"]) == inputs.shape:
        data = omniglot.load()
        file = card.with_suffix(".safetensors")
        return Reference(
            model=load_evaluator(file).to(context.device),
            digest=f"sha256:{sha256_of(file)}",
            source="bundled",
            references=(data.private_train.images, data.private_train.labels),
            held_out=(data.private_held_out.images, data.private_held_out.labels),
            card=card,
        )
    private = open_private_set(context, inputs, "to train a reference model for the power check")
    assert private is not None, "there are findings of verifiers"
    train, held_out = private.train, private.held_out
    if len(train.images) < FEWEST_IMAGES:
        return None
    key = REFERENCE.key(
        images=images_digest(train.images),
        labels=digest(train.labels.tolist()),
        classes=len(inputs.classes),
        recipe=reference_recipe(),
    )

    def make(path: Path) -> dict[str, Any]:
        made = train_reference(
            train.images,
            train.labels,
            classes=len(inputs.classes),
            progress=context.progress,
            device=context.device,
        )
        save_evaluator(made, path)
        return {"images": len(train.images)}

    made = make_artifact(context, "power_reference", key, make)
    return Reference(
        model=load_evaluator(made.path).to(context.device),
        digest=f"sha256:{made.sha256}",
        source="trained",
        references=(train.images, train.labels),
        held_out=(held_out.images, held_out.labels),
        set_digest=inputs.private.digest if inputs.private else None,
    )


def bundled_reference(prior_key: str) -> Path | None:
    """Return the card of the reference model shipped for a prior, if there is one."""
    card = BUNDLED / f"power-{prior_key.removeprefix('sha256:')[:16]}.json"
    return card if card.exists() else None


def reference_students(
    context: StageContext, reference: Reference, public: np.ndarray, recipe: dict[str, Any]
) -> list[Target]:
    """Return students of the reference model by this recipe.

    The shipped ones are used if they have this recipe. Otherwise students are distilled.
    """
    if reference.card is not None:
        card = json.loads(reference.card.read_text())
        shipped, wanted = card["student_recipe"], recipe["networks"]
        same = {**shipped, "networks": wanted} == recipe and shipped["networks"][: len(wanted)] == wanted
        if same and card["public_images"] == images_digest(public):
            file = reference.card.with_name(reference.card.stem + "-students.safetensors")
            return on_device(context, load_students(file)[: len(wanted)])
    return distilled(context, reference.target, reference.digest, public, recipe)
