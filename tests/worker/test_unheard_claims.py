"""A claim whose commit the worker did not hear of, as its connection broke."""

from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy.exc import OperationalError

from app.db.session import sync_session
from app.db.states import JobState
from app.jobs import leases
from app.jobs.beats import running_jobs
from app.jobs.leases import Claim, claim
from app.jobs.starts import claimed_unheard, record_start
from tests.worker.rows import get_job, make_audit, set_job, shards_of
from worker.runtime import run

pytestmark = pytest.mark.usefixtures("settings_env")


@pytest.mark.parametrize("stage", ["references", "attack"])
def test_it_is_found_by_the_next_attempt(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after the commit, and the worker asks again."""
    job_id = shards_of(stage)[0]
    set_job(other := make_audit()[1][0], state=JobState.RUNNING, worker="two", attempt=1, lease_until=func.now())

    def unheard(*args: Any, **values: Any) -> Claim | None:
        monkeypatch.undo()
        assert claim(*args, **values) is not None
        raise OperationalError("COMMIT", None, Exception("the server closed the connection"))

    monkeypatch.setattr(leases, "claim", unheard)
    found = run.take(job_id, "one")
    assert found is not None
    assert (found.job_id, found.attempt, found.worker) == (job_id, 1, "one")
    with sync_session() as session:
        assert running_jobs(session.connection()) == 2, "this one and that of another worker"
    assert get_job(other).worker == "two"


def test_what_a_worker_has_begun_is_not_found_as_unheard() -> None:
    _, (job_id, *_) = make_audit()
    held = run.take(job_id, "one")
    assert held is not None
    with sync_session() as session:
        assert claimed_unheard(session, job_id, "two", 60) is None
        assert claimed_unheard(session, job_id, "one", 60) == held
        record_start(session, held, "one")
        assert claimed_unheard(session, job_id, "one", 60) is None
