"""Students: the target distilled on public images, where the plan's setting uses them."""

from pathlib import Path
from typing import Any

import numpy as np

from app.jobs.stages import Stage
from worker.evidence.artifacts import get_artifact, make_artifact
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs, open_target
from worker.evidence.plan import attack_config
from worker.inversion.data import images_digest
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import Target
from worker.runtime.context import Outcome, StageContext

KIND = "students"
SEED = 0  # students belong to their target and the public images, not to an audit


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


def distilled(
    context: StageContext, inputs: AuditInputs, target: Target, target_digest: str, public: np.ndarray
) -> list[Target]:
    """Students of another model than the audited one, by the plan's recipe: made once, or reused."""
    recipe = student_recipe(inputs)
    key = students_key(target_digest, images_digest(public), recipe, SEED)

    def make(path: Path) -> dict[str, Any]:
        students = train_students(target, public, recipe, seed=SEED, progress=context.progress)
        save_students(students, recipe, path)
        return {"recipe": recipe, "images": len(public)}

    return load_students(make_artifact(context, KIND, key, make).path)


def student_recipe(inputs: AuditInputs) -> dict[str, Any]:
    """The plan's recipe, or the default one with as many students as the plan says."""
    recipe: dict[str, Any] = inputs.plan.get("student_recipe") or default_student_recipe(inputs.convention)
    return recipe | {"networks": recipe["networks"][: inputs.plan.get("students")]}


def open_students(context: StageContext) -> list[Target]:
    """The students that the stage above found; none for settings that use none."""
    key = stage_result(context, Stage.STUDENTS)["key"]
    return load_students(get_artifact(context, KIND, key)) if key else []
