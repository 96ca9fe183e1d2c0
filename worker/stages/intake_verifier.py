"""Intake of a verifier: the quarantined upload becomes a checked ONNX model, or is refused and deleted."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.db.models import Verifier
from app.db.states import IntakeState, check_intake_move
from app.storage import store
from worker.intake import Refused, take_in_verifier
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Nothing of a refused upload is kept; the quarantined copy of an accepted one goes once its own is recorded."""
    verifier_id = context.claim.subject_id
    assert verifier_id is not None, "an intake job has a subject"
    verifier = context.read(lambda session: session.get_one(Verifier, verifier_id))
    received = verifier.object_key
    if verifier.state != IntakeState.CHECKING or received is None:
        return Outcome({"skipped": f"the verifier is {verifier.state}"})
    upload, checked = context.scratch / "upload", context.scratch / "verifier.onnx"
    store().download(received, upload)
    context.progress(1, 3)
    try:
        taken = take_in_verifier(upload, checked, convention=verifier.convention)
    except Refused as refusal:
        problem = refusal.problem
        return Outcome(
            {"refused": problem["code"]},
            lambda session: settle(session, verifier_id, IntakeState.REFUSED, object_key=None, problem=problem),
            lambda: store().delete(received),
        )
    context.progress(2, 3)
    key = f"verifiers/{verifier_id}/verifier.onnx"
    store().upload(checked, key)
    channels, height, width = taken.shape
    values = {
        "object_key": key,
        "channels": channels,
        "height": height,
        "width": width,
        "dim": taken.dim,
        "examination": taken.examination,
    }
    context.progress(3, 3)
    return Outcome(
        {"dim": taken.dim},
        lambda session: settle(session, verifier_id, IntakeState.READY, **values),
        lambda: store().delete(received),
    )


def settle(session: Session, verifier_id: UUID, state: IntakeState, **values: object) -> None:
    """Move the verifier on, if it is still waiting for this answer."""
    verifier = session.get_one(Verifier, verifier_id, with_for_update=True)
    if verifier.state != IntakeState.CHECKING:
        return
    check_intake_move(IntakeState(verifier.state), state)
    verifier.state = state
    for name, value in values.items():
        setattr(verifier, name, value)
