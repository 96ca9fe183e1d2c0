"""Intake of a verifier: the upload in quarantine becomes a checked ONNX model, or is rejected."""

from pathlib import Path

from app.db.models import Verifier
from worker.intake import check_verifier_file
from worker.job import checking, objects
from worker.job.checking import Checked
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Check the model."""
    return checking.run(context, Verifier, check)


def check(context: StageContext, verifier: Verifier, upload: Path) -> Checked:
    """Examine the model and store the checked copy. Raises: Refused."""
    checked = context.scratch / "verifier.onnx"
    intake = check_verifier_file(upload, checked, convention=verifier.convention)
    context.progress(2, 3)
    key = f"verifiers/{verifier.id}/verifier.onnx"
    objects.upload(context, checked, key)
    channels, height, width = intake.shape
    columns = {
        "channels": channels,
        "height": height,
        "width": width,
        "dim": intake.dim,
        "examination": intake.examination.model_dump(mode="json"),
    }
    return Checked(key, columns, {"dim": intake.dim}, stored_bytes=checked.stat().st_size)
