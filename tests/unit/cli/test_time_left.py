"""Time left takes the elapsed time into account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cli.time_left import duration, time_left

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def job(state: str, estimate: float | None = None, *, ran: float = 0, done: int = 0, stage: str = "attack") -> Any:
    started = (NOW - timedelta(seconds=ran)).isoformat() if ran else None
    return {
        "stage": stage,
        "state": state,
        "estimate_seconds": estimate,
        "started_at": started,
        "done": done,
        "total": 100,
    }


def said(*jobs: dict[str, Any]) -> str:
    return str(time_left(jobs, NOW))


def test_what_has_not_begun_takes_its_estimate_and_what_has_ended_nothing() -> None:
    assert said(job("succeeded", 500), job("waiting", 600), job("queued", 1200)) == "about 30 min left"
    assert said(job("failed", 500), job("cancelled", 500), job("waiting", 60)) == "about 60 s left"


def test_a_running_job_is_measured_by_its_pace() -> None:
    """A job that is half done after an hour needs another hour, whatever its estimate."""
    assert said(job("running", 60, ran=3600, done=50)) == "about 60 min left"
    assert said(job("running", 36_000, ran=600, done=50)) == "about 10 min left"


def test_before_it_has_a_pace_the_time_it_has_run_counts_against_its_estimate() -> None:
    assert said(job("running", 600, ran=480)) == "about 2 min left"
    assert said(job("running", 600, ran=480, done=1)) == "about 2 min left"


def test_a_job_without_a_pace_that_exceeds_its_estimate_is_reported() -> None:
    assert said(job("running", 60, ran=600)) == "attack: longer than estimated"
    late, waiting = job("running", 60, ran=600), job("waiting", 300, stage="score")
    assert said(late, waiting) == "attack: longer than estimated, then about 5 min"


def test_shards_that_run_at_once_share_what_is_left() -> None:
    assert said(*[job("running", 600, ran=600, done=50)] * 2) == "about 10 min left"


@pytest.mark.parametrize("jobs", [[], [job("running", ran=5)], [job("waiting")], [job("succeeded", 5)]])
def test_without_any_estimate_nothing_is_said(jobs: list[dict[str, Any]]) -> None:
    assert time_left(jobs, NOW) is None


def test_the_largest_fitting_unit_is_used() -> None:
    assert [duration(seconds) for seconds in (44.6, 89, 90, 5399, 5400)] == ["45 s", "89 s", "2 min", "90 min", "1.5 h"]
