"""How the benchmark of estimates counts."""

from __future__ import annotations

from typing import Any

import pytest

from bench.cost.estimates import AUDITS, seconds_of, summary


def job(stage: str, begin: str | None, end: str | None) -> dict[str, Any]:
    return {"stage": stage, "started_at": begin, "finished_at": end}


def test_seconds_of_shards_are_added_and_jobs_that_never_ran_left_out() -> None:
    jobs = [
        job("attack", "2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z"),
        job("attack", "2026-01-01T00:00:01Z", "2026-01-01T00:00:04.5Z"),
        job("verify", None, None),
    ]
    assert seconds_of(jobs) == {"attack": 5.5}


@pytest.mark.parametrize(("took", "within"), [(5.0, 1.0), (20.0, 1.0), (20.1, 0.0), (4.9, 0.0)])
def test_an_estimate_counts_if_it_is_within_a_factor_of_two(took: float, within: float) -> None:
    found = [{"state": "succeeded", "estimate": 10.0, "took": took}]
    assert summary(found)["share_within"] == within


def test_an_audit_that_failed_counts_against_the_estimates() -> None:
    found = [{"state": "failed", "estimate": 10.0, "took": 10.0}]
    assert summary(found)["share_within"] == 0.0
    assert len({name for name, _, _ in AUDITS}) == len(AUDITS) >= 10
