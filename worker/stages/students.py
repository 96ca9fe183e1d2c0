"""Students: the target distilled on public images, where the plan's setting uses them."""

from pathlib import Path
from typing import Any

from app.jobs.stages import Stage
from worker.evidence.artifacts import make_artifact
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import audit_inputs, open_target
from worker.evidence.plan import attack_config
from worker.evidence.students import KIND, SEED, student_recipe
from worker.inversion.students import (
    save_students,
    students_key,
    train_students,
)
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Find or make the students; nothing to do for settings without model augmentation."""
    inputs = audit_inputs(context)
    if not attack_config(inputs.plan).uses_students:
        return Outcome({"key": None, "source": "not used"})
    prepared = stage_result(context, Stage.PREPARE)
    recipe = student_recipe(inputs)
    key = students_key(prepared["target_digest"], prepared["public_digest"], recipe, SEED)

    def make(path: Path) -> dict[str, Any]:
        target = open_target(context, inputs, prepared["outputs"])
        images = public_images(context, inputs, prepared)
        students = train_students(target, images, recipe, seed=SEED, progress=context.progress)
        save_students(students, recipe, path)
        return {"recipe": recipe, "images": len(images)}

    made = make_artifact(context, KIND, key, make)
    return Outcome({"key": key, "source": "reused" if made.reused else "distilled", "recipe": recipe})
