"""A forecast of the queue: how many audits are ahead of one, and when it starts.

It simulates the order of `app.jobs.fairness` on the estimates of the jobs: a free worker takes the
oldest ready job that fits it, of the project that has had the least for its weight.
"""

import heapq
import itertools
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

MOST_TURNS = 20_000
"""Jobs that a forecast plays before it gives up."""
LOOKS_PER_TURN = 15
"""Audits that it looks at for jobs that are ready, on average, before it gives up."""
ENOUGH = 2**63 - 1
"""Stands for memory, or a number of needs, that is not known."""


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
    """The worker time that a project has used lately, its weight, and how many jobs it may run."""

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
    """What a project has used, its running jobs, and its audits, oldest first."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.running = 0
        self.audits: list[Unfinished] = []
        self.looks = 0
        self._ended = share.used
        self._starts = 0.0  # the sum of those of running jobs

    def oldest(self, left: Mapping[UUID, list[Waiting]], fits: Callable[[Need], bool]) -> Unfinished | None:
        """Return the oldest audit with a job that is ready and fits. Forgets those without any."""
        while self.audits and not left[self.audits[0].audit_id]:
            self.audits.pop(0)
        for one in self.audits:
            self.looks += 1
            if (stages := left[one.audit_id]) and stages[0].jobs > 0 and fits(stages[0].need):
                return one
        return None

    def start(self, now: float) -> None:
        """Note that a job starts."""
        self.running += 1
        self._starts += now

    def end(self, start: float, now: float) -> None:
        """Note that a job ends."""
        self.running -= 1
        self._starts -= start
        self._ended += now - start

    def turn(self, now: float) -> float:
        """Return what decides whose turn it is: the least goes first."""
        return (self._ended + self.running * now - self._starts) / self.share.weight


class _Workers:
    """The memory of the free workers in order, by the needs that they meet.

    Hardly two machines have the same memory to the byte, so each may be a kind of its own.
    """

    def __init__(self, workers: Sequence[Fit]) -> None:
        self._free: dict[frozenset[str] | None, list[int]] = {}
        for worker in workers:
            self.release(worker)

    def any(self) -> bool:
        """Tell whether a worker is free."""
        return any(self._free.values())

    def serve(self, need: Need) -> bool:
        """Tell whether a free worker takes such a job."""
        return any(self._able(need))

    def take(self, need: Need) -> Fit:
        """Occupy the worker that takes such a job and offers the least.

        One that does not say what it has counts as offering all.
        """
        able = [
            (ENOUGH if meets is None else len(meets), free[bisect_left(free, need.memory)], meets)
            for meets, free in self._able(need)
        ]
        _, memory, meets = min(able, key=lambda one: one[:2])
        self._free[meets].remove(memory)
        return Fit(memory, meets)

    def occupy(self, known: Fit | None) -> Fit | None:
        """Occupy the worker of a running job, or any if it is not known. None if all are busy."""
        if known is None or _memory(known) not in self._free.get(known.meets, ()):
            known = next((Fit(free[0], meets) for meets, free in self._free.items() if free), None)
        if known is not None:
            self._free[known.meets].remove(_memory(known))
        return known

    def release(self, worker: Fit | None) -> None:
        """Note that a worker is free again."""
        if worker is not None:
            insort(self._free.setdefault(worker.meets, []), _memory(worker))

    def _able(self, need: Need) -> Iterator[tuple[frozenset[str] | None, list[int]]]:
        for meets, free in self._free.items():
            if free and free[-1] >= need.memory and (need.device is None or meets is None or need.device in meets):
                yield meets, free


def _memory(worker: Fit) -> int:
    return ENOUGH if worker.memory is None else worker.memory


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
        most_turns: jobs to simulate before the forecast gives up.
    """
    projects = {one.project_id: _Project((shares or {}).get(one.project_id, Share())) for one in audits}
    ahead = {one.audit_id for one in audits if one.running and one.audit_id != audit_id}
    # End and number of a running job, its start, its audit and its worker.
    busy: list[tuple[float, int, float, Unfinished, Fit | None]] = []
    free, numbers = _Workers(workers), itertools.count()
    at_work: dict[UUID, int] = defaultdict(int)

    def start(one: Unfinished, now: float, end: float, worker: Fit | None) -> None:
        heapq.heappush(busy, (end, next(numbers), now, one, worker))
        at_work[one.audit_id] += 1
        projects[one.project_id].start(now)

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
        if sum(one.looks for one in projects.values()) > LOOKS_PER_TURN * most_turns:
            break
        chosen = _next(projects, left, free, now)
        if chosen is not None:
            if chosen.audit_id == audit_id:
                return Place(frozenset(ahead), now)
            ahead.add(chosen.audit_id)
            stage = left[chosen.audit_id][0]
            stage.jobs -= 1
            start(chosen, now, now + stage.seconds, free.take(stage.need))
            continue
        if not busy:
            break
        now, _, began, ended, worker = heapq.heappop(busy)
        free.release(worker)
        projects[ended.project_id].end(began, now)
        at_work[ended.audit_id] -= 1
        stages = left[ended.audit_id]
        if at_work[ended.audit_id] == 0 and stages and stages[0].jobs == 0:
            stages.pop(0)
    return unknown


def _next(
    projects: Mapping[UUID, _Project], left: Mapping[UUID, list[Waiting]], free: _Workers, now: float
) -> Unfinished | None:
    """Return the audit whose job a free worker takes."""
    chosen, least = None, 0.0
    for project in projects.values() if free.any() else ():
        if project.running >= project.share.room or (oldest := project.oldest(left, free.serve)) is None:
            continue
        turn = project.turn(now)
        if chosen is None or turn < least:
            chosen, least = oldest, turn
    return chosen
