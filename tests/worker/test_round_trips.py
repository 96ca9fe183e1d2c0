"""Statements that are sent together: their rows, their commit, and their errors."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db.round_trip import together
from app.db.session import sync_session
from tests.worker.rows import get_job, make_audit
from worker.job.retry import transaction

pytestmark = pytest.mark.usefixtures("settings_env")

CHANGE = text("UPDATE job SET done = 7 WHERE id = :job RETURNING id")
NUMBER = select(func.pg_backend_pid().label("pid"))
END = text("SELECT pg_terminate_backend(pg_backend_pid())")
FAIL = text("SELECT 1 / 0")


def test_the_rows_of_the_last_statement_are_returned_by_name_and_all_are_committed_at_once() -> None:
    _, (first, second, *_) = make_audit()
    with sync_session() as session:
        (row,) = together(session, (CHANGE, {"job": first}), (CHANGE, {"job": second}), commit=True)
        assert row.id == second
        assert (get_job(first).done, get_job(second).done) == (7, 7), "seen by another transaction"


@pytest.mark.parametrize("commit", [True, False])
def test_if_one_statement_fails_none_has_an_effect(commit: bool) -> None:
    _, (job_id, *_) = make_audit()
    with pytest.raises(DBAPIError) as caught, sync_session() as session:
        together(session, (CHANGE, {"job": job_id}), (FAIL, {}), commit=commit)
    assert not caught.value.connection_invalidated
    assert get_job(job_id).done == 0


def test_a_broken_connection_is_replaced_by_the_next_attempt() -> None:
    used: list[int] = []

    def work(session: Session) -> int:
        (row,) = together(session, (NUMBER, {}))
        used.append(row.pid)
        if len(used) == 1:
            together(session, (END, {}))
        return len(used)

    assert transaction(work) == 2
    assert len(set(used)) == 2
