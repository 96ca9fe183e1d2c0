"""A cancelled audit ends while its stage is still computing, whatever the stage is doing."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import update

from app.db.models import Audit, Job
from app.db.session import sync_session
from app.jobs.stages import AUDIT_STAGES, WITH_LOOK
from tests.integration.faults.processes import until
from tests.worker.rows import get_audit, get_job, jobs_of, make_audit, set_job
from worker.job.context import Outcome, StageContext
from worker.job.interruption import Interruption, StageInterrupted
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

LONG = 60.0
"""Seconds that a stage computes if nothing interrupts it."""


def cancel(audit_id: UUID) -> None:
    with sync_session() as session:
        session.execute(update(Audit).where(Audit.id == audit_id).values(cancel_requested_at=datetime.now(UTC)))


def computing(context: StageContext) -> None:
    """Compute in many small steps, without a checkpoint."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        sum(range(1000))


def catching(context: StageContext) -> None:
    """Catch every error, as code around broken files does."""
    try:
        computing(context)
    except Exception:  # noqa: BLE001 (what is tested)
        computing(context)


STAGES = [stage.value for stage in AUDIT_STAGES if stage not in WITH_LOOK]
CASES = [*((stage, computing) for stage in STAGES), ("attack", catching)]


@pytest.mark.parametrize(("stage", "busy"), CASES)
def test_every_stage_can_be_cancelled_without_a_checkpoint(stage: str, busy: Callable[[StageContext], None]) -> None:
    audit_id, _ = make_audit()
    job_id = jobs_of(audit_id, stage)[0].id
    set_job(job_id, state="queued")
    folders, began = [], time.monotonic()

    def run(context: StageContext) -> Outcome:
        folders.append(context.scratch)
        cancel(audit_id)
        busy(context)
        return Outcome()

    run_claimed(job_id, lambda name: run)
    assert time.monotonic() - began < LONG, "the stage was not interrupted"
    assert get_job(job_id).state == "cancelled"
    assert not folders[0].exists(), "nothing is left in the folder of temporary files"


def test_a_stage_inside_native_code_is_cancelled_in_the_database() -> None:
    audit_id, (job_id, *_) = make_audit()

    def run(context: StageContext) -> Outcome:
        cancel(audit_id)
        until(lambda: get_audit(audit_id).state == "cancelled", "the end of the audit during a call into native code")
        return Outcome({"from": "a cancelled stage"})

    run_in_native_code(job_id, run)
    job, audit = get_job(job_id), get_audit(audit_id)
    assert (job.state, job.result, audit.state) == ("cancelled", None, "cancelled")
    assert audit.cancel_requested_at is not None
    assert audit.finished_at is not None


def run_in_native_code(job_id: UUID, run: Callable[[StageContext], Outcome]) -> None:
    """Run a stage that no exception reaches."""

    class Deaf(Interruption):
        def interrupt(self) -> bool:
            return False

    from worker.job import heartbeat

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heartbeat, "Interruption", Deaf)
        run_claimed(job_id, lambda name: run)


def test_a_worker_that_lost_its_lease_stops_computing() -> None:
    _, (job_id, *_) = make_audit()
    began = time.monotonic()

    def run(context: StageContext) -> Outcome:
        set_job(job_id, attempt=Job.attempt + 1, worker="another")
        computing(context)
        return Outcome()

    run_claimed(job_id, lambda name: run)
    assert time.monotonic() - began < LONG, "the stage was not interrupted"
    assert get_job(job_id).worker == "another"


def test_an_interruption_that_comes_too_late_is_dropped() -> None:
    """After `close`, and from another thread before it, nothing is raised."""
    part = Interruption()
    assert not part.interrupt()
    part.open()
    part.close()
    assert not part.interrupt()
    part.open()
    with pytest.raises(StageInterrupted):  # noqa: PT012 (raised at any later instruction)
        part.interrupt()
        computing(None)  # type: ignore[arg-type]
    part.close()


def test_an_import_is_not_interrupted() -> None:
    import importlib.util
    import sys
    from types import ModuleType

    part, seen = Interruption(), []
    part.open()

    class Loader:
        def create_module(self, spec: object) -> None:
            return None

        def exec_module(self, module: ModuleType) -> None:
            seen.append(part.interrupt())

    class Finder:
        def find_spec(self, name: str, path: object, target: object = None) -> object:
            return importlib.util.spec_from_loader(name, Loader()) if name == "slow_library" else None  # type: ignore[arg-type]

    finder = Finder()
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        importlib.import_module("slow_library")
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        sys.modules.pop("slow_library", None)
        part.close()
    assert seen == [False]
