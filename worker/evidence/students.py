"""The students of an audit, and those of other models by the same recipe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.contract.plan import PlannedAttack
from app.jobs.stages import Stage
from worker.evidence.artifacts import Made, get_artifact, make_artifact
from worker.evidence.earlier import of_attack, stage_result
from worker.evidence.inputs import AuditInputs
from worker.inversion.data import images_digest
from worker.inversion.keys import Key
from worker.inversion.students import (
    default_student_recipe,
    load_students,
    save_students,
    students_key,
    train_students,
)
from worker.inversion.targets import Target
from worker.job.context import StageContext

KIND = "students"
SEED = 0  # students belong to their target and the public images, not to an audit


def make_students(
    context: StageContext, recipe: dict[str, Any], key: Key, teacher: Callable[[], tuple[Target, np.ndarray]]
) -> Made:
    """Distil students by this recipe, or reuse those of this key.

    Args:
        teacher: returns the target and the public images. Called only if students are distilled.
    """

    def make(path: Path) -> dict[str, Any]:
        target, public = teacher()
        students = train_students(target, public, recipe, seed=SEED, progress=context.progress)
        save_students(students, recipe, path)
        return {"recipe": recipe, "images": len(public)}

    return make_artifact(context, KIND, key, make)


def distilled(
    context: StageContext, target: Target, target_digest: str, public: np.ndarray, recipe: dict[str, Any]
) -> list[Target]:
    """Return students of another model than the audited one, by this recipe."""
    key = students_key(target_digest, images_digest(public), recipe, SEED)
    return on_device(context, load_students(make_students(context, recipe, key, lambda: (target, public)).path))


def student_recipe(inputs: AuditInputs, attack: PlannedAttack) -> dict[str, Any]:
    """Return the plan's recipe, or the default one, with the attack's number of students."""
    recipe = inputs.plan.student_recipe or default_student_recipe(inputs.convention)
    return recipe | {"networks": recipe["networks"][: attack.students]}


def open_students(context: StageContext, attack: int) -> list[Target]:
    """Return the students of an attack, from the students stage. Empty without students."""
    key = of_attack(stage_result(context, Stage.STUDENTS), attack)["key"]
    if not key:
        return []
    return on_device(context, load_students(get_artifact(context, KIND, key, made_by=Stage.STUDENTS)))


def on_device(context: StageContext, students: list[Target]) -> list[Target]:
    """Move students to the device of the stage."""
    return [student.to(context.device) for student in students]
