"""How long an audit will still take: from the time that has passed, and from estimates where nothing else is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ENOUGH = 0.05  # of a job, from where on its pace tells more than its estimate
ENDED = {"succeeded", "failed", "cancelled"}


@dataclass(frozen=True)
class Left:
    """Seconds, and the stages that have used up their estimate and do not say how far they are."""

    seconds: float
    late: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.late:
            return f"about {duration(self.seconds)} left"
        said = f"{', '.join(self.late)}: longer than estimated"
        return f"{said}, then about {duration(self.seconds)}" if self.seconds >= 1 else said


def time_left(jobs: Iterable[Mapping[str, Any]], now: datetime) -> Left | None:
    """What the unfinished jobs will take; None when none of them has an estimate or a pace.

    A running job is measured by its own pace, once it has done a twentieth. Before that its estimate counts, less the
    time it has run. Jobs that run at the same time share the rest among them.
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
    """A time as the API writes it."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
