"""All kinds of problems by code. A test compares them with the codes that the source raises."""

from app.problem_types import (
    access,
    audits,
    checkpoints,
    foreign_files,
    image_sets,
    imports,
    notifications,
    onnx_models,
    pytorch_files,
    releases,
    requests,
    resources,
    results,
    safetensors_files,
    sandbox,
    schedules,
    stages,
    uploads,
    verifiers,
    zip_archives,
)
from app.problem_types.kind import ProblemType

PARTS: tuple[dict[str, ProblemType], ...] = (
    requests.KINDS,
    access.KINDS,
    resources.KINDS,
    releases.KINDS,
    uploads.KINDS,
    imports.KINDS,
    foreign_files.KINDS,
    checkpoints.KINDS,
    safetensors_files.KINDS,
    pytorch_files.KINDS,
    onnx_models.KINDS,
    verifiers.KINDS,
    image_sets.KINDS,
    zip_archives.KINDS,
    sandbox.KINDS,
    audits.KINDS,
    stages.KINDS,
    schedules.KINDS,
    notifications.KINDS,
    results.KINDS,
)
TYPES: dict[str, ProblemType] = {code: kind for part in PARTS for code, kind in part.items()}
