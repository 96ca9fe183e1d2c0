"""Students: distil the target on public images, if the plan's setting uses students."""

import numpy as np

from app.jobs.stages import Stage
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import audit_inputs, open_target
from worker.evidence.plan import attack_config
from worker.evidence.students import SEED, make_students, student_recipe
from worker.inversion.students import students_key
from worker.inversion.targets import Target
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Find or make the students. Settings without model augmentation need none."""
    inputs = audit_inputs(context)
    if not attack_config(inputs.plan.attacks[0]).uses_students:
        return Outcome({"key": None, "source": "not used"})
    prepared = stage_result(context, Stage.PREPARE)
    recipe = student_recipe(inputs)
    key = students_key(prepared["target_digest"], prepared["public_digest"], recipe, SEED)

    def teacher() -> tuple[Target, np.ndarray]:
        target = open_target(context, inputs, prepared["outputs"])
        return target, public_images(context, inputs, prepared)

    made = make_students(context, recipe, key, teacher)
    return Outcome({"key": key, "source": "reused" if made.reused else "distilled", "recipe": recipe})
