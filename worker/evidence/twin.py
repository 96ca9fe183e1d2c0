"""The twin control: the same attack on a model trained without some identities.

A reconstruction from the twin cannot be a leak of their images.
"""

from typing import Any

import numpy as np

from app.contract.plan import Plan, PlannedAttack
from app.jobs.stages import Stage
from worker.evaluation.procedure import attack_other
from worker.evidence.earlier import stage_result
from worker.evidence.inputs import AuditInputs
from worker.evidence.plan import attack_on
from worker.evidence.prior_training import prior_of_other
from worker.evidence.reconstructions import TWIN, Picture
from worker.evidence.recording import recording
from worker.evidence.students import distilled, student_recipe
from worker.evidence.targets import open_twin
from worker.inversion.attacks import Attack
from worker.inversion.targets import Target
from worker.job.context import StageContext

FULL_EFFORT = "deep"


def twin_config(hardware: dict[str, Any], plan: Plan, attack: PlannedAttack) -> Attack:
    """Return the attack of the plan for a twin, on this hardware.

    Below the effort "deep" it has no students, which take the most time.

    Students are copies of their model and add nothing about an identity that it has not seen.
    """
    config = attack_on(hardware, attack)
    return config if plan.effort == FULL_EFFORT else config.without_students()


def twin_pictures(context: StageContext, inputs: AuditInputs, public: np.ndarray, attack: int) -> list[Picture]:
    """Attack the replaced identities on the twin as this attack of the plan does.

    Empty without a twin.
    """
    if inputs.twin is None or not inputs.twin.identities:
        return []
    planned = inputs.plan.attacks[attack]
    twin, config = open_twin(context, inputs), twin_config(context.hardware, inputs.plan, planned)
    digest = f"sha256:{inputs.twin.checkpoint_sha256}"
    students: list[Target] = []
    if config.uses_students:
        students = distilled(context, twin, digest, public, student_recipe(inputs, planned))
    public_digest = stage_result(context, Stage.PREPARE)["public_digest"]
    prior = prior_of_other(context, attack, public, public_digest, target=twin, target_digest=digest)
    with recording(context.device) as recorder:
        found = attack_other(
            twin,
            students,
            prior,
            public,
            list(inputs.twin.identities),
            config,
            seed=inputs.plan.seed,
            progress=context.progress,
            recorder=recorder,
        )
    return [Picture.of(TWIN, one, attack, setting=config.setting) for one in found.found]
