"""Intake of a release: the quarantined upload becomes a checked checkpoint, or is refused and deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.db.models import Original, Release
from app.db.states import IntakeState, check_intake_move
from app.settings import settings
from app.storage import store
from worker.evidence.files import sha256_of
from worker.intake import Refused, take_in_release
from worker.job.context import Outcome, StageContext

QUARANTINE = "quarantine/"


def run(context: StageContext) -> Outcome:
    """Nothing of a refused upload is kept. The original of an accepted one is deleted after its copy is recorded, or
    kept where the settings say so. The copy is one for all releases of the project with these bytes."""
    release_id = context.claim.subject_id
    assert release_id is not None, "an intake job has a subject"
    release = context.read(lambda session: session.get_one(Release, release_id))
    received = release.object_key
    if release.state != IntakeState.CHECKING or received is None:
        return Outcome({"skipped": f"the release is {release.state}"})
    upload, checked = context.scratch / "upload", context.scratch / "model.safetensors"
    store().download(received, upload)
    context.progress(1, 3)
    try:
        taken = take_in_release(
            upload,
            architecture=release.architecture,
            hyperparameters=release.hyperparameters,
            convention=release.convention,
            classes=list(release.classes),
            confirm_class_order=release.class_order_confirmed,
            out=checked,
        )
    except Refused as refusal:
        problem = refusal.problem
        return Outcome(
            {"refused": problem["code"]},
            lambda session: settle(session, release_id, IntakeState.REFUSED, object_key=None, problem=problem),
            lambda: _discard(received),
        )
    context.progress(2, 3)
    digest = sha256_of(checked)
    key = f"checkpoints/{context.claim.project_id}/{digest}.safetensors"
    if key != received:
        store().upload(checked, key)
    original = original_of(received, identical=digest == release.sha256)
    examination = taken.examination | {"checkpoint_sha256": digest, "notes": taken.notes}
    context.progress(3, 3)
    return Outcome(
        {"checkpoint_sha256": examination["checkpoint_sha256"]},
        lambda session: settle(
            session,
            release_id,
            IntakeState.READY,
            object_key=key,
            examination=examination,
            architecture=taken.architecture,
            hyperparameters=taken.hyperparameters,
            **original,
        ),
        lambda: None if original["original"] is Original.KEPT else _discard(received),
    )


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


def _discard(received: str) -> None:
    """Delete the original; a checked file that this release shares with others stays."""
    if received.startswith(QUARANTINE):
        store().delete(received)


def settle(session: Session, release_id: UUID, state: IntakeState, **values: object) -> None:
    """Move the release on, if it is still waiting for this answer."""
    release = session.get_one(Release, release_id, with_for_update=True)
    if release.state != IntakeState.CHECKING:
        return
    check_intake_move(IntakeState(release.state), state)
    release.state = state
    for name, value in values.items():
        setattr(release, name, value)
