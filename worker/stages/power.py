"""Power check: the plan's own attacks on a reference model without defences.

A low risk proves nothing if the attack fails on this model as well.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.contract.plan import PlannedAttack
from app.jobs.stages import Stage
from app.kit.canonical import digest
from worker.evaluation.power import POWER, attacked, measure_power
from worker.evaluation.procedure import OtherModel
from worker.evidence.artifacts import get_artifact, make_artifact
from worker.evidence.earlier import of_attack, stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.plan import attack_on
from worker.evidence.prior import first_draw, prior_keys
from worker.evidence.prior_training import prior_of_other, uses_answers
from worker.evidence.recording import recording
from worker.evidence.reference_model import open_reference, reference_students
from worker.evidence.stored_findings import KIND as FINDINGS
from worker.evidence.stored_findings import load_findings
from worker.evidence.students import student_recipe
from worker.evidence.verifiers import open_verifiers
from worker.inversion.attacks import Attack
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Measure the power once per plan, prior, reference and verifiers. Later audits reuse it."""
    inputs = audit_inputs(context)
    stored = stage_result(context, Stage.VERIFY)["findings"]
    findings = load_findings(get_artifact(context, FINDINGS, stored, made_by=Stage.VERIFY))
    if findings.verification is None or len(findings.verification.readings) < 2:
        return Outcome({"power": None, "why": "fewer than two verifiers can judge: nothing can be verified"}, idle=True)
    prepared, priors = stage_result(context, Stage.PREPARE), prior_keys(context, inputs.plan)
    reference = open_reference(context, inputs, priors)
    if reference is None:
        return Outcome(
            {"power": None, "why": "there are too few private training images to train a reference model"}, idle=True
        )
    seed = inputs.plan.seed
    judges = {reading.digest for reading in findings.verification.readings}
    identities = attacked(reference.references[1], max(inputs.shape[1:]), seed)
    searched = [searched_prior(context, number) for number in range(len(priors))]
    planned = zip(inputs.plan.attacks, searched, strict=True)
    attacks = [Tried.of(context.hardware, inputs, attack, prior) for attack, prior in planned]
    first, *more = (one.to_dict() for one in attacks)
    key = POWER.key(
        **first,
        **({"more": more, "combination": inputs.plan.combination} if more else {}),
        public=prepared["public_digest"],
        reference=reference.digest,
        measured_on=reference.set_digest,
        verifiers=sorted(judges),
        identities=identities,
        seed=seed,
    )

    def make(path: Path) -> dict[str, Any]:
        public = public_images(context, inputs, prepared)
        with recording(context.device) as recorder:
            model = OtherModel(reference.target, public, seed=seed, recorder=recorder)
            found = [
                model.attack(
                    prior_of_other(
                        context,
                        number,
                        public,
                        prepared["public_digest"],
                        target=reference.target,
                        target_digest=reference.digest,
                    ),
                    identities,
                    one.config,
                    students=reference_students(context, reference, public, one.students) if one.students else (),
                    progress=context.part(number, len(attacks)),
                )._replace(first_draw=first_draw(context, inputs.plan, number))
                for number, one in enumerate(attacks)
            ]
        verifiers = [one for one in open_verifiers(context, inputs) if one.digest in judges]
        power = measure_power(
            found,
            reference.references,
            verifiers,
            held_out=reference.held_out,
            combination=inputs.plan.combination,
            seed=seed,
        )
        path.write_text(json.dumps(power.to_dict()))
        return {"reference": reference.digest}

    made = make_artifact(context, "power", key, make)
    return Outcome(
        {
            "power": json.loads(made.path.read_text()),
            "why": None,
            "key": key,
            "reused": made.reused,
            "reference": reference.to_dict(),
        }
    )


def searched_prior(context: StageContext, attack: int) -> str:
    """Return the prior of an attack as `Tried` names it."""
    found = of_attack(stage_result(context, Stage.PRIOR), attack)
    return digest(found["recipe"]) if uses_answers(found.get("recipe", {})) else str(found["key"])


@dataclass(frozen=True)
class Tried:
    """An attack on the reference model, its recipe of students, if any, and its prior.

    `prior` is a key, or the digest of the recipe of a prior that learns the reference model's
    answers.
    """

    config: Attack
    students: dict[str, Any] | None
    prior: str

    @classmethod
    def of(cls, hardware: dict[str, Any], inputs: AuditInputs, planned: PlannedAttack, prior: str) -> "Tried":
        """Return the attack as planned, on this hardware and with this prior."""
        config = attack_on(hardware, planned)
        return cls(config, student_recipe(inputs, planned) if config.uses_students else None, prior)

    def to_dict(self) -> dict[str, Any]:
        """Return what the result depends on, for its key."""
        return {"attack": self.config.to_dict(), "students": self.students, "prior": self.prior}
