"""Intake of a release: the upload in quarantine becomes a checked checkpoint, or is rejected."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.db.models import Original, Release
from app.settings import settings
from worker.intake import check_release_file
from worker.job import checking, objects
from worker.job.checking import QUARANTINE, Checked
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Check the checkpoint."""
    return checking.run(context, Release, check)


def check(context: StageContext, release: Release, upload: Path) -> Checked:
    """Examine the checkpoint and store the checked copy. Raises: Refused.

    The original is kept if the settings say so. All releases of the project with these bytes share
    the copy.
    """
    received, checked = release.object_key, context.scratch / "model.safetensors"
    assert received is not None, "a release in intake has a file"
    intake = check_release_file(
        upload,
        architecture=release.architecture,
        hyperparameters=release.hyperparameters,
        convention=release.convention,
        classes=list(release.classes),
        confirm_class_order=release.class_order_confirmed,
        out=checked,
    )
    context.progress(2, 3)
    digest = intake.examination.checkpoint_sha256
    key = f"checkpoints/{context.claim.project_id}/{digest}.safetensors"
    if key != received:
        objects.upload(context, checked, key)
    original = original_of(received, identical=digest == release.sha256)
    columns = {
        "examination": intake.examination.model_dump(mode="json"),
        "architecture": intake.architecture,
        "hyperparameters": intake.hyperparameters,
        **original,
    }
    kept, size = original["original"] is Original.KEPT, checked.stat().st_size
    return Checked(key, columns, {"checkpoint_sha256": digest}, keeps_original=kept, stored_bytes=size)


def original_of(received: str, *, identical: bool) -> dict[str, Any]:
    """Return the columns of the release for the original, once a checked copy is stored.

    An original that is kept stays in quarantine for `original_days`, where nothing opens it. An
    original with the same bytes as the copy is not kept.
    """
    if not received.startswith(QUARANTINE):
        return {"original": Original.NOT_SENT}
    if identical:
        return {"original": Original.IDENTICAL}
    days = settings().original_days
    if days == 0:
        return {"original": Original.DELETED}
    until = datetime.now(UTC) + timedelta(days=days)
    return {"original": Original.KEPT, "original_key": received, "original_until": until}
