"""A forecast of the queue: how many audits are ahead of one, and when it starts.

It plays the order of `app.jobs.fairness` on the estimates of the jobs: a free worker takes the
oldest ready job of the project that has had the least, for its weight.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

MOST_TURNS = 20_000
"""Jobs that a forecast plays before it gives up."""


@dataclass
class Unfinished:
    """An audit that has not ended.

    Attributes:
        running: seconds left of each job that runs now.
        stages: jobs of each stage that do not run yet, and the seconds that one of them takes. A
            stage that runs is the first, with 0 if all of its jobs run.
    """

    audit_id: UUID
    project_id: UUID
    running: list[float] = field(default_factory=list)
    stages: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Share:
    """What a project has had lately, its weight, and how many jobs it may have running."""

    used: float = 0.0
    weight: float = 1.0
    room: int = 1_000_000


@dataclass(frozen=True)
class Place:
    """The audits that run before one starts, and the seconds until then.

    Without a forecast, all older audits are ahead, and the seconds are None.
    """

    ahead: frozenset[UUID]
    seconds: float | None


class _Project:
    """What a project has used, its running jobs as (start, end), and its audits, oldest first."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.ended = share.used
        self.running: list[tuple[float, float]] = []
        self.audits: list[Unfinished] = []

    def oldest(self, left: Mapping[UUID, list[list[float]]]) -> Unfinished | None:
        """Return the oldest audit with a job that is ready. Forgets audits without a job left."""
        while self.audits and not left[self.audits[0].audit_id]:
            self.audits.pop(0)
        return next((one for one in self.audits if (jobs := left[one.audit_id]) and jobs[0][0] > 0), None)

    def turn(self, now: float) -> float:
        """Return what decides whose turn it is: the least goes first."""
        self.ended += sum(end - start for start, end in self.running if end <= now)
        self.running = [(start, end) for start, end in self.running if end > now]
        return (self.ended + sum(now - start for start, _ in self.running)) / self.share.weight


def place(
    audit_id: UUID, audits: Sequence[Unfinished], workers: int, shares: Mapping[UUID, Share] | None = None
) -> Place:
    """Return the place of an audit among those that have not ended.

    Args:
        audits: oldest first. Audits without a job left are ignored.
        workers: that read the queue and are alive.
    """
    projects = {one.project_id: _Project((shares or {}).get(one.project_id, Share())) for one in audits}
    ahead = {one.audit_id for one in audits if one.running and one.audit_id != audit_id}
    busy: list[tuple[float, UUID]] = []  # end of a running job, and its audit
    for one in audits:
        if one.audit_id == audit_id and one.running:
            return Place(frozenset(), 0.0)
        busy += [(seconds, one.audit_id) for seconds in one.running]
        projects[one.project_id].running += [(0.0, seconds) for seconds in one.running]
        projects[one.project_id].audits.append(one)
    before = next((at for at, one in enumerate(audits) if one.audit_id == audit_id), len(audits))
    unknown = Place(frozenset(ahead | {one.audit_id for one in audits[:before] if one.stages}), None)
    if workers == 0 or before == len(audits):
        return unknown
    at_work: dict[UUID, int] = defaultdict(int)
    for _, one_id in busy:
        at_work[one_id] += 1
    left = {one.audit_id: [list(stage) for stage in one.stages] for one in audits}
    now = 0.0
    for _ in range(MOST_TURNS):
        chosen = _next(projects, left, now) if len(busy) < workers else None
        if chosen is not None:
            if chosen.audit_id == audit_id:
                return Place(frozenset(ahead), now)
            ahead.add(chosen.audit_id)
            stage = left[chosen.audit_id][0]
            stage[0] -= 1
            end = now + stage[1]
            busy.append((end, chosen.audit_id))
            at_work[chosen.audit_id] += 1
            projects[chosen.project_id].running.append((now, end))
            continue
        if not busy:
            break
        now, ended = min(busy, key=lambda job: job[0])
        busy.remove((now, ended))
        at_work[ended] -= 1
        if at_work[ended] == 0 and left[ended] and left[ended][0][0] == 0:
            left[ended].pop(0)
    return unknown


def _next(projects: Mapping[UUID, _Project], left: Mapping[UUID, list[list[float]]], now: float) -> Unfinished | None:
    """Return the audit whose job a free worker takes."""
    chosen, least = None, 0.0
    for project in projects.values():
        if (oldest := project.oldest(left)) is None:
            continue
        turn = project.turn(now)
        if len(project.running) < project.share.room and (chosen is None or turn < least):
            chosen, least = oldest, turn
    return chosen
