"""Power check: the plan's own attack on a reference model without defences.

A low risk proves nothing if the attack fails on this model as well.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.jobs.stages import Stage
from worker.evaluation.power import IDENTITIES, POWER, measure_power
from worker.evaluation.procedure import attack_other
from worker.evidence.artifacts import get_artifact, make_artifact
from worker.evidence.earlier import stage_result
from worker.evidence.findings import KIND as FINDINGS
from worker.evidence.findings import load_findings
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import audit_inputs
from worker.evidence.plan import attack_config
from worker.evidence.prior import open_prior
from worker.evidence.reference_model import Reference, open_reference, reference_students
from worker.evidence.students import student_recipe
from worker.evidence.verifiers import open_verifiers
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Measure the power once per plan, prior, reference and verifiers. Later audits reuse it."""
    inputs = audit_inputs(context)
    findings = load_findings(get_artifact(context, FINDINGS, stage_result(context, Stage.VERIFY)["findings"]))
    if findings.verification is None or len(findings.verification.readings) < 2:
        return Outcome({"power": None, "why": "fewer than two verifiers can judge: nothing can be verified"})
    prepared, prior = stage_result(context, Stage.PREPARE), stage_result(context, Stage.PRIOR)
    reference = open_reference(context, inputs, prior["key"])
    if reference is None:
        return Outcome({"power": None, "why": "there are too few private training images to train a reference model"})
    config, seed = attack_config(inputs.plan.attacks[0]), inputs.plan.seed
    judges = {said.digest for said in findings.verification.readings}
    identities = drawn(reference, seed)
    key = POWER.key(
        attack=config.to_dict(),
        students=student_recipe(inputs) if config.uses_students else None,
        prior=prior["key"],
        public=prepared["public_digest"],
        reference=reference.digest,
        measured_on=reference.set_digest,
        verifiers=sorted(judges),
        identities=identities,
        seed=seed,
    )

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


def drawn(reference: Reference, seed: int) -> list[int]:
    """Return the identities of the reference model to attack, drawn by seed."""
    known = np.unique(reference.references[1])
    return sorted(int(k) for k in np.random.default_rng(seed).permutation(known)[:IDENTITIES])
