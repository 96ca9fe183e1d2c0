"""Builders of all cases, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.wild.case import Case, Checkpoint, Described, ImageSet
from bench.wild.checkpoints import CHECKPOINTS
from bench.wild.descriptions import DESCRIPTIONS
from bench.wild.hugging_face import HUGGING_FACE
from bench.wild.image_sets import IMAGE_SETS
from bench.wild.insightface import insightface, insightface_alone
from bench.wild.npz_sets import NPZ_SETS
from bench.wild.onnx_models import ONNX_MODELS

Made = Checkpoint | ImageSet | Described
BUILDERS: dict[str, Callable[[Path], Made]] = {
    **CHECKPOINTS,
    **HUGGING_FACE,
    "insightface": insightface,
    "insightface_alone": insightface_alone,
    **ONNX_MODELS,
    **IMAGE_SETS,
    **NPZ_SETS,
    **DESCRIPTIONS,
}


def build(case: Case, folder: Path) -> Made:
    """Build the file of a case in an empty folder."""
    return BUILDERS[case.make or case.name](folder)
