"""The time that an audit still takes, from elapsed time or else from estimates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# Share of a job from which its pace is more reliable than its estimate.
ENOUGH = 0.05
ENDED = {"succeeded", "failed", "cancelled"}


@dataclass(frozen=True)
class Left:
    """Seconds left, and the stages that have exceeded their estimate and report no progress."""

    seconds: float
    late: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.late:
            return f"about {duration(self.seconds)} left"
        text = f"{', '.join(self.late)}: longer than estimated"
        return f"{text}, then about {duration(self.seconds)}" if self.seconds >= 1 else text


def time_left(jobs: Iterable[Mapping[str, Any]], now: datetime) -> Left | None:
    """Return the time that the unfinished jobs will take, or None without estimate or pace.

    A running job is measured by its pace once a twentieth is done. Before that, its estimate
    counts minus the time it has run. Concurrent jobs share the rest.
    """
    seconds, known, late, running = 0.0, False, [], 0
    for job in jobs:
        if job["state"] in ENDED:
            continue
        estimate = job.get("estimate_seconds")
        if job["state"] != "running" or not job.get("started_at"):
            known = known or estimate is not None
            seconds += estimate or 0.0
            continue
        running += 1
        elapsed = max((now - moment(job["started_at"])).total_seconds(), 0.0)
        part = job["done"] / job["total"] if job.get("total") else 0.0
        if part >= ENOUGH:
            known = True
            seconds += elapsed * (1 - part) / part
        elif estimate is not None:
            known = True
            seconds += max(estimate - elapsed, 0.0)
            late += [job["stage"]] if elapsed > estimate else []
    return Left(seconds / max(running, 1), tuple(dict.fromkeys(late))) if known else None


def moment(text: str) -> datetime:
    """Parse a time written by the API."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def duration(seconds: float) -> str:
    """Return `45 s`, `12 min` or `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
