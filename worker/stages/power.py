"""Power: the plan's own attack on a reference model without any defence; without it a low risk proves nothing."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.jobs.stages import Stage
from app.kit.canonical import digest
from worker.bundled import omniglot
from worker.evaluation.evaluator import Evaluator, load_evaluator, save_evaluator
from worker.evaluation.power import (
    IDENTITIES,
    bundled_reference,
    knowledge,
    measure_power,
    reference_recipe,
    train_reference,
)
from worker.evaluation.procedure import attack_other
from worker.evidence.artifacts import get_artifact, make_artifact
from worker.evidence.code import code_version
from worker.evidence.earlier import stage_result
from worker.evidence.findings import KIND as FINDINGS
from worker.evidence.findings import load_findings
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.plan import attack_config
from worker.evidence.prior import open_prior
from worker.evidence.private_set import open_private_set
from worker.evidence.students import distilled, student_recipe
from worker.evidence.verifiers import open_verifiers
from worker.inversion.attacks import Attack
from worker.inversion.data import images_digest
from worker.inversion.students import load_students
from worker.inversion.targets import Target
from worker.job.context import Outcome, StageContext

FEWEST_IMAGES = 2


@dataclass(frozen=True)
class Reference:
    """A model without any defence, and the images it was trained on.

    Attributes:
        source: "bundled", or "trained" on the references of this audit, after the freeze.
        set_digest: of the image set that `references` and `held_out` come from; None for the bundled one.
        references, held_out: (images, labels), by class of `target`.
        card: of the bundled one.
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
        """For the result document: what it is, what it knows of its images, and its leak, where that was measured."""
        known = knowledge(self.model, self.references, self.held_out)
        leak = json.loads(self.card.read_text()).get("leak") if self.card else None
        return {
            "source": self.source,
            "digest": self.digest,
            "figures": {name: figure.to_dict() for name, figure in known.items()},
            "leak": leak,
            "known_to_leak": leak is not None,
        }


def run(context: StageContext) -> Outcome:
    """Measured once for the same plan, prior, reference, verifiers and code; later audits find it made."""
    inputs = audit_inputs(context)
    findings = load_findings(get_artifact(context, FINDINGS, stage_result(context, Stage.VERIFY)["findings"]))
    if findings.verification is None or len(findings.verification.readings) < 2:
        return Outcome({"power": None, "why": "fewer than two verifiers can judge: nothing can be verified"})
    prepared, prior = stage_result(context, Stage.PREPARE), stage_result(context, Stage.PRIOR)
    reference = open_reference(context, inputs, prior["key"])
    if reference is None:
        return Outcome({"power": None, "why": "there are too few private training images to train a reference model"})
    config, seed = attack_config(inputs.plan), inputs.plan.seed
    judges = {said.digest for said in findings.verification.readings}
    identities = drawn(reference, seed)
    content = {
        "attack": config.to_dict(),
        "students": student_recipe(inputs) if config.uses_students else None,
        "prior": prior["key"],
        "public": prepared["public_digest"],
        "reference": reference.digest,
        "measured_on": reference.set_digest,
        "verifiers": sorted(judges),
        "identities": identities,
        "seed": seed,
        "code": code_version()["engine"],
    }

    def make(path: Path) -> dict[str, Any]:
        generator, public = open_prior(context), public_images(context, inputs, prepared)
        found = attack_other(
            reference.target,
            reference_students(context, inputs, reference, public, config),
            generator,
            public,
            identities,
            config,
            seed=seed,
            progress=context.progress,
        )
        verifiers = [one for one in open_verifiers(context, inputs) if one.digest in judges]
        power = measure_power(found, generator, reference.references, verifiers, held_out=reference.held_out, seed=seed)
        path.write_text(json.dumps(power.to_dict()))
        return {"reference": reference.digest}

    made = make_artifact(context, "power", digest(content), make)
    return Outcome(
        {
            "power": json.loads(made.path.read_text()),
            "why": None,
            "key": digest(content),
            "reused": made.reused,
            "reference": reference.to_dict(),
        }
    )


def drawn(reference: Reference, seed: int) -> list[int]:
    """The identities of the reference model that are attacked, by seed."""
    known = np.unique(reference.references[1])
    return sorted(int(k) for k in np.random.default_rng(seed).permutation(known)[:IDENTITIES])


def open_reference(context: StageContext, inputs: AuditInputs, prior_key: str) -> Reference | None:
    """The one that is shipped for this prior, or one trained on the references of the audit; None with too few."""
    card = bundled_reference(prior_key)
    if card is not None and tuple(json.loads(card.read_text())["shape"]) == inputs.shape:
        data = omniglot.load()
        file = card.with_suffix(".safetensors")
        return Reference(
            model=load_evaluator(file),
            digest=f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}",
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
    content = {
        "images": images_digest(train.images),
        "labels": digest(train.labels.tolist()),
        "classes": len(inputs.classes),
        "recipe": reference_recipe(),
    }

    def make(path: Path) -> dict[str, Any]:
        made = train_reference(train.images, train.labels, classes=len(inputs.classes), progress=context.progress)
        save_evaluator(made, path)
        return {"images": len(train.images)}

    made = make_artifact(context, "power_reference", digest(content), make)
    return Reference(
        model=load_evaluator(made.path),
        digest=f"sha256:{made.sha256}",
        source="trained",
        references=(train.images, train.labels),
        held_out=(held_out.images, held_out.labels),
        set_digest=inputs.private.digest if inputs.private else None,
    )


def reference_students(
    context: StageContext, inputs: AuditInputs, reference: Reference, public: np.ndarray, config: Attack
) -> list[Target]:
    """Students of the reference by the plan's recipe: the shipped ones where the recipe is theirs, else distilled."""
    if not config.uses_students:
        return []
    recipe = student_recipe(inputs)
    if reference.card is not None:
        card = json.loads(reference.card.read_text())
        shipped, wanted = card["student_recipe"], recipe["networks"]
        same = {**shipped, "networks": wanted} == recipe and shipped["networks"][: len(wanted)] == wanted
        if same and card["public_images"] == images_digest(public):
            file = reference.card.with_name(reference.card.stem + "-students.safetensors")
            return load_students(file)[: len(wanted)]
    return distilled(context, inputs, reference.target, reference.digest, public)
