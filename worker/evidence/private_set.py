"""The private set of an audit: the only function that opens it, and the log of every opening."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.datasets.people import people_of
from app.db.models import Audit, Dataset
from app.jobs.opening import check_opening
from app.jobs.stages import Stage
from worker.evidence.image_sets import open_images
from worker.evidence.inputs import AuditInputs, DatasetRow, dataset_row
from worker.job.context import StageContext
from worker.node import node_name


@dataclass(frozen=True)
class References:
    """Private images.

    `labels` (N,) are class indices, `index` (N,) points into the private set.
    """

    images: np.ndarray
    labels: np.ndarray
    index: np.ndarray


@dataclass(frozen=True)
class PrivateSet:
    """The private set. `train` was used in training and forms the gallery, `held_out` was not.

    `held_out` measures the judges. `notes` lists identities that were left out because they are
    not classes, and names that are spelt differently.
    """

    train: References
    held_out: References
    notes: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> References:
        """All images in the order of the set."""
        order = np.argsort(np.concatenate([self.train.index, self.held_out.index]))
        pairs = ((getattr(self.train, name), getattr(self.held_out, name)) for name in ("images", "labels", "index"))
        return References(*(np.concatenate(pair)[order] for pair in pairs))


def open_private_set(context: StageContext, inputs: AuditInputs, why: str) -> PrivateSet | None:
    """Open the private set, and log which stage opened it and why. None when the audit has none.

    No other function leads from an audit to its private images, because `AuditInputs` does not say
    where they are stored. The transaction that reads the place also checks the permission and
    writes the log entry.

    Raises: ClosedError; UnprocessableError when its identities are not classes of the release.
    """
    if inputs.private is None:
        return None

    def look_up(session: Session) -> DatasetRow:
        audit = session.get_one(Audit, inputs.audit_id)
        check_opening(session, audit, Stage(context.claim.stage))
        dataset = session.get_one(Dataset, audit.private_dataset_id)
        row = dataset_row(dataset, inputs.plan)
        details = {
            "stage": context.claim.stage,
            "attempt": context.claim.attempt,
            "why": why,
            "set": row.digest or row.images_digest,
        }
        audit_log.append_by_worker(session, audit, node_name(), "private_set.opened", details)
        return row

    row = context.write(look_up)
    people = people_of(row.identities, inputs.classes, row.name)
    found = open_images(context, row)
    labels = np.array([-1 if index is None else index for index in people.classes], np.int64)[found.labels]

    def part(rows: np.ndarray) -> References:
        index = np.flatnonzero(rows & (labels >= 0))
        return References(found.images[index], labels[index], index)

    return PrivateSet(part(found.train), part(~found.train), people.notes)
