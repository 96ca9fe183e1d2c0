"""Binding of data sets to digests: an audit only uses the sets that were checked and planned."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.contract.plan import Plan
from app.db.models import Dataset
from app.errors import ConflictError
from worker.job.context import StageContext

CONTENTS = "labels, split or names"


def images_changed(name: str, what: str) -> ConflictError:
    """Return the error for a stored set whose `what` has another digest."""
    return ConflictError(
        "images_changed",
        f"The stored data set {name!r} is not the one that was checked: its {what} changed. Restore it from a backup, "
        "or upload it again as a new data set and start a new audit.",
    )


def expected_digest(dataset: Dataset, plan: Plan) -> str | None:
    """Return the digest that a set must have. None if neither its row nor the plan has one.

    Raises: ConflictError when the two differ.
    """
    planned: str | None = getattr(plan.datasets, dataset.role)
    if planned is not None and dataset.digest is not None and planned != dataset.digest:
        raise ConflictError(
            "images_changed",
            f"The data set {dataset.name!r} is not the one that this audit was planned with: its digest is "
            f"{dataset.digest}, the plan has {planned}. Start a new audit.",
        )
    return dataset.digest or planned


def bind(context: StageContext, dataset_id: UUID, name: str, digest: str) -> None:
    """Record the present digest of a set that has none, and note that nothing was compared.

    Raises: ConflictError when another stage has recorded another digest.
    """

    def write(session: Session) -> None:
        dataset = session.get_one(Dataset, dataset_id, with_for_update=True)
        if dataset.digest is None:
            dataset.digest, dataset.notes = digest, [*(dataset.notes or []), first_seen(datetime.now(UTC))]
        elif dataset.digest != digest:
            raise images_changed(name, CONTENTS)

    context.write(write)


def first_seen(when: datetime) -> str:
    """Return the note for a set whose digest was recorded after its intake."""
    return (
        f"The digest of labels, split and names was first computed on {when:%Y-%m-%d}, when the set was opened. "
        "Whether they had changed before is not known."
    )
