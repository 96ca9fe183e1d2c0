"""Simulated workers in one process, which claim, renew, check and end jobs by the worker's code.

A simulated worker computes nothing: it waits. Its statements are those of a real worker, and the
clock of a lease is PostgreSQL's. A worker that dies stops to renew its lease, without a word. Half
of those that die come back after the lease, as a stopped machine does, and try to write.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from unittest.mock import patch
from uuid import UUID

from redis import Redis
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from worker.job.context import Outcome, Stage, StageContext
from worker.job.heartbeat import Heartbeat, pause_between_beats
from worker.runtime.alone import run_next
from worker.runtime.run import announce, attempt, begin, take

QUEUE = "exhume"
THREADS = 1
"""Claims of a process at the same time. Twice as many threads do the other work of its workers.

A worker renews its lease on a thread and a connection of its own, so renewals do not wait for
claims here either. With more threads, claims would wait for each other's interpreter.
"""
WRITE = text("INSERT INTO simulated_write (job_id, attempt, worker) VALUES (:job_id, :attempt, :worker)")


@dataclass(frozen=True)
class Habits:
    """How workers behave, in seconds of this run."""

    shard_seconds: float
    lease_seconds: float
    deaths_per_hour: float
    return_seconds: float

    @property
    def deaths_per_shard(self) -> float:
        """The probability that a worker dies during a shard."""
        return min(1.0, self.deaths_per_hour * self.shard_seconds / 3600)


@dataclass
class Counts:
    """What the workers did.

    A claim is a time since the start and its milliseconds. So is the start of a job, for which its
    audit gets an event. `latest_seconds` is the longest delay of something that was due, such as a
    renewal. A real worker has no such delay.
    """

    claims: list[tuple[float, float]] = field(default_factory=list)
    starts: list[tuple[float, float]] = field(default_factory=list)
    in_vain: int = 0
    beats: int = 0
    checks: int = 0
    killed: int = 0
    stopped: int = 0
    late_writes: int = 0
    latest_seconds: float = 0.0

    def with_those_of(self, other: Counts) -> Counts:
        """Return what both did."""
        added = ("claims", "starts", "in_vain", "beats", "checks", "killed", "stopped", "late_writes")
        together = {name: getattr(self, name) + getattr(other, name) for name in added}
        return Counts(**together, latest_seconds=max(self.latest_seconds, other.latest_seconds))


@contextmanager
def a_connection_for_each_thread(database_url: str) -> Iterator[None]:
    """Replace the pool of this process by one in which no simulated worker waits for another.

    A real worker has a pool of its own, for one thread.
    """
    engine = create_engine(database_url, pool_pre_ping=True, pool_size=3 * THREADS, max_overflow=0)
    with patch("app.db.session.sync_engine", lambda _: engine):
        yield
    engine.dispose()


class Fleet:
    """Simulated workers that read messages from the broker until they are closed."""

    def __init__(
        self,
        workers: int,
        habits: Habits,
        database_url: str,
        redis_url: str,
        seed: int,
        *,
        first: int = 0,
        began: float | None = None,
    ) -> None:
        self.counts = Counts()
        self._habits = habits
        self._random = random.Random(seed)
        self._broker = Redis.from_url(redis_url)
        self._engine: Engine = create_engine(database_url, pool_size=2 * THREADS, isolation_level="AUTOCOMMIT")
        self._own_pools = a_connection_for_each_thread(database_url)
        self._claims, self._others = ThreadPoolExecutor(THREADS), ThreadPoolExecutor(2 * THREADS)
        self._idle = [f"simulated:{number}" for number in range(first, first + workers)]
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._began = time.monotonic() if began is None else began
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._keep_time)]

    def __enter__(self) -> Fleet:
        self._own_pools.__enter__()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for pool in (self._claims, self._others):
            pool.shutdown(cancel_futures=True)
        self._own_pools.__exit__(None, None, None)
        self._engine.dispose()

    @property
    def asleep(self) -> int:
        """Return the number of stopped workers that have not come back yet."""
        return self.counts.stopped - self.counts.late_writes

    def _read(self) -> None:
        """Hand each message to a worker that is idle."""
        while not self._stop.is_set():
            with self._changed:
                if not self._idle:
                    self._changed.wait(0.5)
                    continue
                worker = self._idle.pop()
            found = self._broker.brpop([QUEUE], timeout=0.2)
            if found is None:
                self._rest(worker)
                continue
            assert isinstance(found, list | tuple)
            name: str = json.loads(found[1])["headers"]["id"]
            claim = partial(self._claim, worker, UUID(name.partition(":")[0]))
            self._claims.submit(self._do, time.monotonic(), claim)

    def _keep_time(self) -> None:
        """Do what is due."""
        while not self._stop.is_set():
            with self._changed:
                now = time.monotonic()
                if not self._plans or self._plans[0][0] > now:
                    self._changed.wait(min(0.5, self._plans[0][0] - now) if self._plans else 0.5)
                    continue
                due, _, work = heapq.heappop(self._plans)
            self._others.submit(self._do, due, work)

    def _do(self, due: float, work: Callable[[], None]) -> None:
        self.counts.latest_seconds = max(self.counts.latest_seconds, time.monotonic() - due)
        work()

    def _plan(self, seconds: float, work: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._plans, (time.monotonic() + seconds, next(self._numbers), work))
            self._changed.notify_all()

    def _rest(self, worker: str) -> None:
        with self._changed:
            self._idle.append(worker)
            self._changed.notify_all()

    def _claim(self, worker: str, job_id: UUID) -> None:
        held: list[Heartbeat] = []

        def start(chosen: UUID, alone: bool) -> bool:
            claim = take(chosen, worker)
            if claim is not None:
                held.append(Heartbeat(claim))
            return claim is not None

        began = time.perf_counter()
        run_next(job_id, start, worker)
        took = 1000 * (time.perf_counter() - began)
        if not held:
            self.counts.in_vain += 1
            self._rest(worker)
            return
        self.counts.claims.append((time.monotonic() - self._began, took))
        self._plan(0.0, lambda: self._begin(worker, held[0]))
        seconds = self._habits.shard_seconds * self._random.uniform(0.5, 1.5)
        death = self._random.random() if self._random.random() < self._habits.deaths_per_shard else None
        end = time.monotonic() + seconds * (1.0 if death is None else death)
        self._plan(pause_between_beats(held[0].claim), lambda: self._beat(held[0], end))
        self._plan(held[0].pause, lambda: self._check(held[0], end))
        if death is None:
            self._plan(seconds, lambda: self._end(worker, held[0]))
        else:
            self._die(worker, held[0], seconds * death)

    def _begin(self, worker: str, heartbeat: Heartbeat) -> None:
        began = time.perf_counter()
        begin(heartbeat.claim, worker)
        self.counts.starts.append((time.monotonic() - self._began, 1000 * (time.perf_counter() - began)))

    def _die(self, worker: str, heartbeat: Heartbeat, seconds: float) -> None:
        """Stop to renew a lease. Another worker starts in its place."""
        self._plan(seconds + self._habits.return_seconds, lambda: self._rest(worker))
        if next(self._numbers) % 2:
            self.counts.killed += 1
        else:
            self.counts.stopped += 1
            self._plan(seconds + 1.3 * self._habits.lease_seconds, lambda: self._write_late(worker, heartbeat))

    def _beat(self, heartbeat: Heartbeat, end: float) -> None:
        if time.monotonic() >= end:
            return
        heartbeat.report(self.counts.beats, 0, {})  # like a stage, which reports every step
        heartbeat.beat(self._engine)
        self.counts.beats += 1
        self._plan(pause_between_beats(heartbeat.claim), lambda: self._beat(heartbeat, end))

    def _check(self, heartbeat: Heartbeat, end: float) -> None:
        if time.monotonic() >= end:
            return
        heartbeat.check_claim(self._engine)
        self.counts.checks += 1
        self._plan(heartbeat.pause, lambda: self._check(heartbeat, end))

    def _end(self, worker: str, heartbeat: Heartbeat) -> None:
        announce(heartbeat.claim, self._write(worker, heartbeat))
        self._rest(worker)

    def _write_late(self, worker: str, heartbeat: Heartbeat) -> None:
        self.counts.late_writes += 1
        self._write(worker, heartbeat)

    def _write(self, worker: str, heartbeat: Heartbeat) -> list[UUID]:
        claim = heartbeat.claim
        row = {"job_id": claim.job_id, "attempt": claim.attempt, "worker": worker}

        def write(session: Session) -> None:
            session.execute(WRITE, row)

        def stage(context: StageContext) -> Outcome:
            return Outcome({}, write)

        def find(name: str) -> Stage:
            return stage

        return attempt(claim, {}, heartbeat, find)
