"""Intake of a data set: the upload in quarantine is packed into one array, or rejected."""

from pathlib import Path

from app.db.models import Dataset
from app.storage import store
from worker.intake import take_in_dataset
from worker.job import checking
from worker.job.checking import Checked
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Check and pack the images."""
    return checking.run(context, Dataset, check)


def check(context: StageContext, dataset: Dataset, upload: Path) -> Checked:
    """Pack the images and store the array. Raises: Refused."""
    packed = context.scratch / "packed.npz"
    taken = take_in_dataset(upload, packed)
    context.progress(2, 3)
    key = f"datasets/{dataset.id}/packed.npz"
    store().upload(packed, key)
    columns = {
        "images": taken.images,
        "height": taken.height,
        "width": taken.width,
        "channels": taken.channels,
        "identities": taken.identities,
        "images_digest": taken.images_digest,
        "digest": taken.digest,
        "notes": taken.notes,
    }
    return Checked(key, columns, {"digest": taken.digest, "notes": taken.notes})
