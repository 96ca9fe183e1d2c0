"""Intake of a data set: the upload in quarantine is packed into one array, or rejected."""

from pathlib import Path

from app.db.models import Dataset
from worker.intake import check_dataset_file
from worker.job import checking, objects
from worker.job.checking import Checked
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Check and pack the images."""
    return checking.run(context, Dataset, check)


def check(context: StageContext, dataset: Dataset, upload: Path) -> Checked:
    """Pack the images and store the array. Raises: Refused."""
    packed = context.scratch / "packed.npz"
    intake = check_dataset_file(upload, packed)
    context.progress(2, 3)
    key = f"datasets/{dataset.id}/packed.npz"
    objects.upload(context, packed, key)
    columns = {
        "images": intake.images,
        "height": intake.height,
        "width": intake.width,
        "channels": intake.channels,
        "identities": intake.identities,
        "images_digest": intake.images_digest,
        "digest": intake.digest,
        "notes": intake.notes,
    }
    result = {"digest": intake.digest, "notes": intake.notes}
    return Checked(key, columns, result, stored_bytes=packed.stat().st_size)
