"""Students: distil the target on public images, for the attacks that use students."""

from typing import Any

import numpy as np

from app.contract.plan import PlannedAttack
from app.jobs.stages import Stage
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.plan import attack_config
from worker.evidence.students import SEED, make_students, student_recipe
from worker.evidence.targets import open_target
from worker.inversion.students import students_key
from worker.inversion.targets import Target
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Find or make the students of each attack, those of one recipe once."""
    inputs = audit_inputs(context)
    made: dict[int, dict[str, Any]] = {}
    parts = []
    for attack in inputs.plan.attacks:
        if not attack_config(attack).uses_students:
            parts.append({"key": None, "source": "not used"})
            continue
        if attack.students not in made:
            made[attack.students] = students_of(context, inputs, attack)
        parts.append(made[attack.students])
    first = next((part for part in parts if part["key"] is not None), parts[0])
    return Outcome(first | ({"attacks": parts} if len(parts) > 1 else {}), idle=not made)


def students_of(context: StageContext, inputs: AuditInputs, attack: PlannedAttack) -> dict[str, Any]:
    """Find or make the students of an attack. Return their key, source and recipe."""
    prepared = stage_result(context, Stage.PREPARE)
    recipe = student_recipe(inputs, attack)
    key = students_key(prepared["target_digest"], prepared["public_digest"], recipe, SEED)

    def teacher() -> tuple[Target, np.ndarray]:
        target = open_target(context, inputs, prepared["outputs"])
        return target, public_images(context, inputs, prepared)

    made = make_students(context, recipe, key, teacher)
    return {"key": key, "source": "reused" if made.reused else "distilled", "recipe": recipe}
