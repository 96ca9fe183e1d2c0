"""A full disk and a lost file of an earlier stage end no audit, and use up no attempt."""

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from app.db.session import sync_session
from app.errors import StorageFullError
from app.jobs import again
from app.jobs.broker import QUEUES
from app.jobs.leases import claim
from app.jobs.stages import Stage
from app.kit.crypto import UnsealError
from app.scheduler import reaper
from app.storage.store import MissingObjectError, store
from tests.worker.rows import drain, events_of, get_audit, get_job, jobs_of, make_audit, set_job
from worker.evidence.artifacts import get_artifact, make_artifact
from worker.inversion.errors import UnusableModel
from worker.inversion.keys import Key
from worker.job.context import Outcome, StageContext
from worker.job.lacking import LackingError
from worker.runtime.problems import is_full
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

FULL_FILE = Path("/dev/full")


def save_array() -> None:
    with FULL_FILE.open("wb", buffering=0) as file:
        np.save(file, np.ones(9999))


WAYS: dict[str, Callable[[], Any]] = {
    "python": lambda: FULL_FILE.write_bytes(b"x"),
    "numpy": save_array,
    "torch": lambda: torch.save(torch.ones(9999), FULL_FILE),
}
SAFETENSORS = SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
FULL = [OSError(errno.ENOSPC, "No space left on device"), StorageFullError("storage_full", "full"), SAFETENSORS]


def failing(error: Exception) -> Callable[[str], Callable[[StageContext], Outcome]]:
    def stage(context: StageContext) -> Outcome:
        raise error

    return lambda name: stage


@pytest.mark.parametrize("error", FULL, ids=["disk", "store", "safetensors"])
def test_a_full_disk_postpones_a_job_and_takes_no_attempt(error: Exception) -> None:
    _, (job_id, *_) = make_audit()
    attempts = get_job(job_id).max_attempts
    run_claimed(job_id, failing(error))
    job = get_job(job_id)
    assert (job.state, job.max_attempts - job.attempt, job.setbacks) == ("queued", attempts, 1)
    assert job.problem is not None
    assert job.problem["code"] == "storage_full"
    assert job.not_before is not None
    assert job.not_before > datetime.now(UTC)
    assert not run_claimed(job_id, failing(error)), "it waits"
    with sync_session() as session:
        assert reaper.unsent_jobs(session, dict.fromkeys(QUEUES, 0)) == []
    for _ in range(5):
        set_job(job_id, not_before=None)
        run_claimed(job_id, failing(error))
    assert get_job(job_id).state == "queued"
    set_job(job_id, not_before=None)
    run_claimed(job_id, lambda name: lambda context: Outcome())
    assert get_job(job_id).state == "succeeded"


@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_is_known_whatever_writes_to_it(way: str) -> None:
    with pytest.raises((OSError, RuntimeError)) as caught:
        WAYS[way]()
    assert is_full(caught.value)


def test_a_full_disk_is_known_from_safetensors_and_not_from_what_a_file_says() -> None:
    assert is_full(SAFETENSORS)
    assert not is_full(UnusableModel("the class 'No space left on device' is there twice"))


def test_pauses_double_and_end_after_some_hours() -> None:
    pauses = [again.pause_after(setbacks) for setbacks in range(again.MOST_SETBACKS)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == 600
    assert 3 * 3600 < sum(pauses) < 12 * 3600


def test_a_disk_that_stays_full_fails_the_job_in_the_end() -> None:
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, setbacks=again.MOST_SETBACKS, attempt=2)
    run_claimed(job_id, failing(FULL[0]))
    assert get_job(job_id).state == "failed"
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "storage_full"


def test_a_lost_file_of_an_earlier_stage_is_made_again_and_the_audit_goes_on() -> None:
    audit_id, _ = make_audit()
    ran: list[str] = []

    def find(name: str) -> Callable[[StageContext], Outcome]:
        def stage(context: StageContext) -> Outcome:
            ran.append(name)
            if name == Stage.ATTACK and ran.count(Stage.PREPARE) < 2:
                raise LackingError("p_reg", Stage.PREPARE)
            if name == Stage.SCORE and ran.count(Stage.VERIFY) < 2:
                raise LackingError("findings", Stage.VERIFY)
            return Outcome({"made": ran.count(name)})

        return stage

    drain(audit_id, lambda job_id: run_claimed(job_id, find))
    assert get_audit(audit_id).state == "succeeded"
    assert {name: ran.count(name) for name in set(ran)} == {
        **{"references": 1, "prepare": 2, "prior": 1, "students": 1, "attack": 3, "controls": 1},
        **{"verify": 2, "power": 1, "score": 2},
    }
    (prepare,) = jobs_of(audit_id, "prepare")
    assert (prepare.state, (prepare.result or {})["made"]) == ("succeeded", 2)
    assert ran.index("score") < len(ran) - 2, "score waits although power, right before it, has succeeded"
    assert [event["state"] for event in events_of(audit_id, "audit")] == ["running", "succeeded"]


def test_a_cancelled_audit_makes_nothing_again() -> None:
    audit_id, _ = make_audit()

    def stage(context: StageContext) -> Outcome:
        if context.claim.stage != Stage.PRIOR:
            return Outcome({})
        set_audit_cancelled(audit_id)
        raise LackingError("p_reg", Stage.PREPARE)

    drain(audit_id, lambda job_id: run_claimed(job_id, lambda name: stage))
    assert get_audit(audit_id).state == "cancelled"
    assert [job.state for job in jobs_of(audit_id, "prepare")] == ["succeeded"]


def set_audit_cancelled(audit_id: UUID) -> None:
    from sqlalchemy import update

    from app.db.models import Audit

    with sync_session() as session:
        session.execute(update(Audit).where(Audit.id == audit_id).values(cancel_requested_at=datetime.now(UTC)))


GONE = [MissingObjectError("datasets/1/packed.npz"), UnsealError("this object was altered")]


@pytest.mark.parametrize("error", GONE, ids=["missing", "damaged"])
def test_a_stored_upload_that_is_gone_is_no_fault_of_the_service_and_not_tried_again(error: Exception) -> None:
    audit_id, (job_id, *_) = make_audit()
    run_claimed(job_id, failing(error))
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "stored_file_missing"
    assert get_job(job_id).attempt == 1


def test_a_postponed_job_of_a_lost_worker_is_not_moved() -> None:
    """Only the attempt that holds a job may return it."""
    _, (job_id, *_) = make_audit()
    with sync_session() as session:
        first = claim(session, job_id, worker="w", lease_seconds=60)
    assert first is not None
    set_job(job_id, attempt=2)
    with pytest.raises(Exception, match="no longer holds"), sync_session() as session:
        again.postpone(session, first, {})


@pytest.mark.parametrize("harm", ["a flipped bit", "a lost end", "a deletion"])
def test_a_damaged_file_of_a_stage_is_made_again(harm: str) -> None:
    """Check that damage is found by the seal or the digest, and not reported as a bug."""
    _, (job_id, *_) = make_audit()
    made: list[str] = []

    def make(path: Path) -> dict[str, Any]:
        made.append("again")
        path.write_bytes(b"content" * 1000)
        return {}

    def stage(context: StageContext) -> Outcome:
        key = Key("sha256:" + "0" * 64)
        make_artifact(context, "prior", key, make)
        (file,) = [file for file in folder().rglob("*") if file.is_file() and "prior" in file.parts]
        content = file.read_bytes()
        if harm == "a deletion":
            file.unlink()
        else:
            end = len(content) - 1 if harm == "a lost end" else len(content)
            file.write_bytes(bytes([*content[: end - 5], content[end - 5] ^ 4, *content[end - 4 : end]]))
        with pytest.raises(LackingError):
            get_artifact(context, "prior", key, made_by=Stage.PRIOR)
        assert not make_artifact(context, "prior", key, make).reused
        assert make_artifact(context, "prior", key, make).path.read_bytes() == b"content" * 1000
        return Outcome()

    run_claimed(job_id, lambda name: stage)
    assert get_job(job_id).state == "succeeded", get_job(job_id).problem
    assert made == ["again"] * 2


def folder() -> Path:
    found = store().folder
    assert found is not None
    return found
