"""Intake of a release: the quarantined upload becomes a checked checkpoint, or is rejected and deleted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.db.models import Original, Release
from app.settings import settings
from app.storage import store
from worker.evidence.files import sha256_of
from worker.intake import take_in_release
from worker.job import checking
from worker.job.checking import QUARANTINE, Checked
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Check the checkpoint."""
    return checking.run(context, Release, check)


def check(context: StageContext, release: Release, upload: Path) -> Checked:
    """Examine the checkpoint and store the checked copy. Raises: Refused.

    The original is kept where the settings say so. The copy is one for all releases of the project with these bytes.
    """
    received, checked = release.object_key, context.scratch / "model.safetensors"
    assert received is not None, "a release in its checks has a file"
    taken = take_in_release(
        upload,
        architecture=release.architecture,
        hyperparameters=release.hyperparameters,
        convention=release.convention,
        classes=list(release.classes),
        confirm_class_order=release.class_order_confirmed,
        out=checked,
    )
    context.progress(2, 3)
    digest = sha256_of(checked)
    key = f"checkpoints/{context.claim.project_id}/{digest}.safetensors"
    if key != received:
        store().upload(checked, key)
    original = original_of(received, identical=digest == release.sha256)
    columns = {
        "examination": taken.examination | {"checkpoint_sha256": digest, "notes": taken.notes},
        "architecture": taken.architecture,
        "hyperparameters": taken.hyperparameters,
        **original,
    }
    return Checked(key, columns, {"checkpoint_sha256": digest}, original["original"] is Original.KEPT)


def original_of(received: str, *, identical: bool) -> dict[str, Any]:
    """What becomes of the file under this key once a checked copy is stored, as columns of the release.

    Kept, it stays where nothing opens it, in quarantine, for the days of the settings. A copy of the very same bytes
    is not kept twice.
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
