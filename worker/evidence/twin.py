"""The twin control: the same attack on a model trained without some identities.

A reconstruction from the twin cannot be a leak of their images.
"""

from typing import Any

import numpy as np

from app.contract.plan import Plan, PlannedAttack
from app.jobs.stages import Stage
from worker.evaluation.procedure import OtherModel
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


def twin_pictures(context: StageContext, inputs: AuditInputs, public: np.ndarray) -> list[list[Picture]]:
    """Attack the replaced identities on the twin as each attack of the plan does.

    Returns: the images of each attack. An empty list without a twin.
    """
    if inputs.twin is None or not inputs.twin.identities:
        return []
    digest = f"sha256:{inputs.twin.checkpoint_sha256}"
    public_digest = stage_result(context, Stage.PREPARE)["public_digest"]
    made, attacks = [], inputs.plan.attacks
    with recording(context.device) as recorder:
        twin = OtherModel(open_twin(context, inputs), public, seed=inputs.plan.seed, recorder=recorder)
        for number, planned in enumerate(attacks):
            config = twin_config(context.hardware, inputs.plan, planned)
            students: list[Target] = []
            if config.uses_students:
                students = distilled(context, twin.target, digest, public, student_recipe(inputs, planned))
            found = twin.attack(
                prior_of_other(context, number, public, public_digest, target=twin.target, target_digest=digest),
                inputs.twin.identities,
                config,
                students=students,
                progress=context.part(number, len(attacks)),
            ).found
            made.append([Picture.of(TWIN, one, number, setting=config.setting) for one in found])
    return made
