"""The flow of the three intake stages: a quarantined file passes its checks or is rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import Dataset, Release, Verifier
from app.db.states import IntakeState
from app.storage import store
from app.uploads import quota
from app.vault import quarantine
from worker.intake import Refused
from worker.job import objects
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
        stored_bytes: size of the checked copy.
    """

    key: str
    columns: dict[str, Any]
    result: dict[str, Any]
    keeps_original: bool = False
    stored_bytes: int = 0


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
    objects.download(context, received, upload)
    context.progress(1, 3)
    try:
        checked = check(context, owner, upload)
    except Refused as refusal:
        write = partial(_refuse, table=table, owner_id=owner_id, problem=refusal.problem)
        return Outcome({"refused": refusal.problem["code"]}, write, partial(_discard, received))
    context.progress(3, 3)
    end = _End(table, owner_id, received, checked)
    return Outcome(checked.result, end.write, end.afterwards)


def _refuse(session: Session, *, table: type[T], owner_id: UUID, problem: dict[str, Any]) -> None:
    owner = session.get_one(table, owner_id, with_for_update=True)
    if owner.state == IntakeState.CHECKING:
        moves.refuse(owner, problem)


class _End(Generic[T]):
    """The end of the checks of a file that passed: ready, unless its copy is over the quota.

    A copy can be a thousand times as large as the file that was sent.
    """

    def __init__(self, table: type[T], owner_id: UUID, received: str, checked: Checked) -> None:
        self._table: type[T] = table
        self._owner_id, self._received, self._checked = owner_id, received, checked
        self._original_unwanted, self._copy_unwanted = False, False

    def write(self, session: Session) -> None:
        """Make the owner ready, or reject its file."""
        checked = self._checked
        owner = session.get_one(self._table, self._owner_id, with_for_update=True)
        if owner.state != IntakeState.CHECKING:
            return
        self._original_unwanted = not checked.keeps_original
        quota.lock(session, owner.project_id)
        for name, value in checked.columns.items():
            setattr(owner, name, value)
        owner.stored_bytes = checked.stored_bytes
        session.flush()
        held, limit = quota.held_bytes(session, owner.project_id), quota.allowed_bytes(session, owner.project_id)
        if held <= limit:
            moves.make_ready(owner, key=checked.key)
            return
        others = held - checked.stored_bytes
        moves.refuse(owner, quota.exceeded(others, limit, checked.stored_bytes).to_dict())
        self._original_unwanted = True
        self._copy_unwanted = not _is_shared(session, self._table, self._owner_id, checked.key)

    def afterwards(self) -> None:
        """Delete what is no longer needed."""
        if self._original_unwanted:
            _discard(self._received)
        if self._copy_unwanted:
            store().delete(self._checked.key)


def _is_shared(session: Session, table: type[T], owner_id: UUID, key: str) -> bool:
    """Return whether another row uses the same checked copy."""
    statement = select(table.id).where(table.object_key == key, table.id != owner_id)
    return session.execute(statement.limit(1)).first() is not None


def _discard(received: str) -> None:
    """Delete the original. A checked file shared with other releases stays."""
    if received.startswith(QUARANTINE):
        quarantine.discard(received)
