"""A forecast of the queue: how many audits are ahead of one, and when it starts.

It plays the order of `app.jobs.fairness` on the estimates of the jobs: a free worker takes the
oldest ready job that fits it, of the project that has had the least for its weight.
"""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

MOST_TURNS = 20_000
"""Jobs that a forecast plays before it gives up."""
MOST_LOOKS = 300_000
"""Audits that it looks at for jobs that are ready."""


@dataclass(frozen=True)
class Need:
    """The memory in bytes and the kind of device (`DeviceNeed`) that a job needs."""

    memory: int = 0
    device: str | None = None


@dataclass(frozen=True)
class Fit:
    """What a worker offers. None: not known, so that it takes all jobs."""

    memory: int | None = None
    meets: frozenset[str] | None = None

    def serves(self, need: Need) -> bool:
        """Tell whether the worker may take such a job."""
        able = need.device is None or self.meets is None or need.device in self.meets
        return able and (self.memory is None or need.memory <= self.memory)


@dataclass
class Waiting:
    """The jobs of a stage that do not run yet: their number, the seconds of one, and its need."""

    jobs: int
    seconds: float
    need: Need = Need()


@dataclass
class Unfinished:
    """An audit that has not ended.

    Attributes:
        running: for each job that runs now, the seconds left, and its worker if that is known.
        stages: jobs of each stage that do not run yet. A stage that runs is the first, with 0 if
            all of its jobs run.
    """

    audit_id: UUID
    project_id: UUID
    running: list[tuple[float, Fit | None]] = field(default_factory=list)
    stages: list[Waiting] = field(default_factory=list)


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
        self.looks = 0

    def oldest(self, left: Mapping[UUID, list[Waiting]], fits: Callable[[Need], bool]) -> Unfinished | None:
        """Return the oldest audit with a job that is ready and fits. Forgets those without any."""
        while self.audits and not left[self.audits[0].audit_id]:
            self.audits.pop(0)
        for one in self.audits:
            self.looks += 1
            if (stages := left[one.audit_id]) and stages[0].jobs > 0 and fits(stages[0].need):
                return one
        return None

    def turn(self, now: float) -> float:
        """Return what decides whose turn it is: the least goes first."""
        self.ended += sum(end - start for start, end in self.running if end <= now)
        self.running = [(start, end) for start, end in self.running if end > now]
        return (self.ended + sum(now - start for start, _ in self.running)) / self.share.weight


class _Workers:
    """The free workers, by what they offer."""

    def __init__(self, workers: Sequence[Fit]) -> None:
        self._free = Counter(workers)
        self._kinds = list(self._free)

    def any(self) -> bool:
        """Tell whether a worker is free."""
        return any(self._free.values())

    def serve(self, need: Need) -> bool:
        """Tell whether a free worker takes such a job."""
        return any(self._free[kind] > 0 and kind.serves(need) for kind in self._kinds)

    def take(self, need: Need) -> Fit:
        """Occupy the worker that takes such a job and offers the least."""
        able = [kind for kind in self._kinds if self._free[kind] > 0 and kind.serves(need)]
        chosen = min(able, key=lambda kind: (len(kind.meets or ()), kind.memory or 0))
        self._free[chosen] -= 1
        return chosen

    def occupy(self, known: Fit | None) -> Fit | None:
        """Occupy the worker of a running job, or any if it is not known. None if all are busy."""
        if known is None or self._free[known] <= 0:
            known = next((kind for kind in self._kinds if self._free[kind] > 0), None)
        if known is not None:
            self._free[known] -= 1
        return known

    def release(self, worker: Fit | None) -> None:
        """Note that a worker is free again."""
        if worker is not None:
            self._free[worker] += 1


def place(
    audit_id: UUID,
    audits: Sequence[Unfinished],
    workers: Sequence[Fit],
    shares: Mapping[UUID, Share] | None = None,
    most_turns: int = MOST_TURNS,
) -> Place:
    """Return the place of an audit among those that have not ended.

    Args:
        audits: oldest first. Audits without a job left are ignored.
        workers: that read the queue and are alive.
        most_turns: jobs to play before the forecast gives up.
    """
    projects = {one.project_id: _Project((shares or {}).get(one.project_id, Share())) for one in audits}
    ahead = {one.audit_id for one in audits if one.running and one.audit_id != audit_id}
    busy: list[tuple[float, int, UUID, Fit | None]] = []  # end of a running job, its number, its audit and worker
    free, numbers = _Workers(workers), itertools.count()
    at_work: dict[UUID, int] = defaultdict(int)

    def start(one: Unfinished, now: float, end: float, worker: Fit | None) -> None:
        heapq.heappush(busy, (end, next(numbers), one.audit_id, worker))
        at_work[one.audit_id] += 1
        projects[one.project_id].running.append((now, end))

    for one in audits:
        if one.audit_id == audit_id and one.running:
            return Place(frozenset(), 0.0)
        for seconds, worker in one.running:
            start(one, 0.0, seconds, free.occupy(worker))
        projects[one.project_id].audits.append(one)
    before = next((at for at, one in enumerate(audits) if one.audit_id == audit_id), len(audits))
    unknown = Place(frozenset(ahead | {one.audit_id for one in audits[:before] if one.stages}), None)
    if not workers or before == len(audits):
        return unknown
    left = {one.audit_id: [Waiting(each.jobs, each.seconds, each.need) for each in one.stages] for one in audits}
    now = 0.0
    for _ in range(most_turns):
        chosen = _next(projects, left, free, now)
        if chosen is not None:
            if chosen.audit_id == audit_id:
                return Place(frozenset(ahead), now)
            ahead.add(chosen.audit_id)
            stage = left[chosen.audit_id][0]
            stage.jobs -= 1
            start(chosen, now, now + stage.seconds, free.take(stage.need))
            continue
        if not busy or sum(one.looks for one in projects.values()) > MOST_LOOKS:
            break
        now, _, ended, worker = heapq.heappop(busy)
        free.release(worker)
        at_work[ended] -= 1
        if at_work[ended] == 0 and left[ended] and left[ended][0].jobs == 0:
            left[ended].pop(0)
    return unknown


def _next(
    projects: Mapping[UUID, _Project], left: Mapping[UUID, list[Waiting]], free: _Workers, now: float
) -> Unfinished | None:
    """Return the audit whose job a free worker takes."""
    chosen, least = None, 0.0
    for project in projects.values() if free.any() else ():
        if (oldest := project.oldest(left, free.serve)) is None:
            continue
        turn = project.turn(now)
        if len(project.running) < project.share.room and (chosen is None or turn < least):
            chosen, least = oldest, turn
    return chosen
