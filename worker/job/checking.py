"""The flow of the three intake stages: a quarantined file passes its checks or is rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import Dataset, Release, Verifier
from app.db.states import IntakeState
from app.storage import store
from worker.intake import Refused
from worker.job.context import Outcome, StageContext

QUARANTINE = "quarantine/"

T = TypeVar("T", Release, Dataset, Verifier)


@dataclass(frozen=True)
class Checked:
    """A file that passed.

    Attributes:
        key: where the checked copy is stored.
        columns: values for the row.
        result: figures for the job.
        keeps_original: the original stays in quarantine.
    """

    key: str
    columns: dict[str, Any]
    result: dict[str, Any]
    keeps_original: bool = False


Check = Callable[[StageContext, T, Path], Checked]
"""(context, row, file) -> result of the checks. Raises: Refused."""


def run(context: StageContext, table: type[T], check: Check[T]) -> Outcome:
    """Run the checks.

    A rejected file is deleted. An original is deleted once its checked copy is recorded.
    """
    owner_id = context.claim.subject_id
    assert owner_id is not None, "an intake job has a subject"
    owner = context.read(lambda session: session.get_one(table, owner_id))
    received = owner.object_key
    if owner.state != IntakeState.CHECKING or received is None:
        return Outcome({"skipped": f"the {table.__tablename__} is {owner.state}"})
    upload = context.scratch / "upload"
    store().download(received, upload)
    context.progress(1, 3)
    try:
        checked = check(context, owner, upload)
    except Refused as refusal:
        write = partial(_refuse, table=table, owner_id=owner_id, problem=refusal.problem)
        return Outcome({"refused": refusal.problem["code"]}, write, partial(_discard, received))
    context.progress(3, 3)
    write = partial(_make_ready, table=table, owner_id=owner_id, checked=checked)
    return Outcome(checked.result, write, None if checked.keeps_original else partial(_discard, received))


def _refuse(session: Session, *, table: type[T], owner_id: UUID, problem: dict[str, Any]) -> None:
    owner = session.get_one(table, owner_id, with_for_update=True)
    if owner.state == IntakeState.CHECKING:
        moves.refuse(owner, problem)


def _make_ready(session: Session, *, table: type[T], owner_id: UUID, checked: Checked) -> None:
    owner = session.get_one(table, owner_id, with_for_update=True)
    if owner.state == IntakeState.CHECKING:
        for name, value in checked.columns.items():
            setattr(owner, name, value)
        moves.make_ready(owner, key=checked.key)


def _discard(received: str) -> None:
    """Delete the original. A checked file shared with other releases stays."""
    if received.startswith(QUARANTINE):
        store().delete(received)
