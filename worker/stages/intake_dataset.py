"""Intake of a data set: the quarantined upload becomes one packed array, or is refused and deleted."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.db.models import Dataset
from app.db.states import IntakeState, check_intake_move
from app.storage import store
from worker.intake import Refused, take_in_dataset
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Nothing of a refused upload is kept; the original of an accepted one is deleted after its copy is recorded."""
    dataset_id = context.claim.subject_id
    assert dataset_id is not None, "an intake job has a subject"
    dataset = context.read(lambda session: session.get_one(Dataset, dataset_id))
    received = dataset.object_key
    if dataset.state != IntakeState.CHECKING or received is None:
        return Outcome({"skipped": f"the data set is {dataset.state}"})
    upload, packed = context.scratch / "upload", context.scratch / "packed.npz"
    store().download(received, upload)
    context.progress(1, 3)
    try:
        taken = take_in_dataset(upload, packed)
    except Refused as refusal:
        problem = refusal.problem
        return Outcome(
            {"refused": problem["code"]},
            lambda session: settle(session, dataset_id, IntakeState.REFUSED, object_key=None, problem=problem),
            lambda: store().delete(received),
        )
    context.progress(2, 3)
    key = f"datasets/{dataset_id}/packed.npz"
    store().upload(packed, key)
    values = {
        "object_key": key,
        "images": taken.images,
        "height": taken.height,
        "width": taken.width,
        "channels": taken.channels,
        "identities": taken.identities,
        "images_digest": taken.images_digest,
        "digest": taken.digest,
        "notes": taken.notes,
    }
    context.progress(3, 3)
    return Outcome(
        {"digest": taken.digest, "notes": taken.notes},
        lambda session: settle(session, dataset_id, IntakeState.READY, **values),
        lambda: store().delete(received),
    )


def settle(session: Session, dataset_id: UUID, state: IntakeState, **values: object) -> None:
    """Move the data set on, if it is still waiting for this answer."""
    dataset = session.get_one(Dataset, dataset_id, with_for_update=True)
    if dataset.state != IntakeState.CHECKING:
        return
    check_intake_move(IntakeState(dataset.state), state)
    dataset.state = state
    for name, value in values.items():
        setattr(dataset, name, value)
