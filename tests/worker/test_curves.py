"""The curve of a search: kept by its job in a bounded number of points, sent with its progress."""

import math

import pytest
from sqlalchemy import select

from app.contract.curve import CurvePoint
from app.db.models import Job
from app.db.session import sync_session
from tests.worker.rows import events_of, make_audit, set_job
from worker.job import heartbeat
from worker.job.context import Outcome, StageContext
from worker.job.curve import MOST_POINTS, KeptCurve
from worker.runtime.run import run_claimed

LOSSES = {"loss_low": 1.0, "loss_median": 2.0, "loss_high": 3.123456789}


@pytest.mark.parametrize("points", [1, 32, 33, 100, 1001])
def test_the_first_and_the_last_point_are_kept_and_no_more_than_the_limit(points: int) -> None:
    curve = KeptCurve()
    for step in range(1, points + 1):
        curve.add({"step": step, "rows": 6, **LOSSES})
    steps = [point.step for point in curve.points()]
    assert steps[0] == 1
    assert steps[-1] == points
    assert MOST_POINTS / 2 <= len(steps) <= MOST_POINTS or points < MOST_POINTS
    assert curve.newest is not None
    assert curve.newest.loss_high == 3.1235


def test_parts_are_apart_and_figures_that_are_no_numbers_are_left_out() -> None:
    curve = KeptCurve()
    curve.add({"loss": 3.0})  # of a stage without a curve
    curve.add({"step": 25, "rows": 6, **LOSSES, "loss_high": math.inf})
    assert curve.points() == []
    for part in (1, 0):
        curve.add({"step": 25, "rows": 6, "part": part, **LOSSES})
    assert [point.part for point in curve.points()] == [0, 1]


@pytest.mark.usefixtures("settings_env")
def test_a_job_keeps_the_curve_of_its_search_and_sends_the_newest_point(monkeypatch: pytest.MonkeyPatch) -> None:
    audit_id, (job_id, *_) = make_audit()
    set_job(job_id, stage="attack_rest")
    beats = []

    def stage(context: StageContext) -> Outcome:
        for step in (25, 50):
            context.progress(step, 100, {"loss": math.nan, "stopped_early": 0.5, "step": step, "rows": 4, **LOSSES})
        monkeypatch.setattr(heartbeat, "PROGRESS_SECONDS", 0.0)
        monkeypatch.setattr(heartbeat, "CURVE_SECONDS", 0.0)
        while not events_of(audit_id, "progress"):
            beats.append(1)
            assert len(beats) < 10_000
        return Outcome()

    run_claimed(job_id, lambda name: stage)
    with sync_session() as session:
        stored = session.execute(select(Job.curve).where(Job.id == job_id)).scalar_one()
    assert [CurvePoint(*point).step for point in stored or []] == [25, 50]
    assert events_of(audit_id, "progress")[0]["curve"]["step"] == 50
    assert events_of(audit_id, "progress")[0]["metrics"] == {"stopped_early": 0.5}
