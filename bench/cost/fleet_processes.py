"""Simulated workers in several processes, because those of one share an interpreter."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.cost.fleet_workers import Counts, Fleet, Habits

SWITCH_SECONDS = 0.0005
"""Time for which a thread may keep the interpreter while others wait for it.

A real worker has an interpreter of its own. With the 5 ms that are usual, each answer of the
database would wait here for the statements that other workers make.
"""


@dataclass(frozen=True)
class Share:
    """The workers of one process. They have the numbers from `first` on."""

    first: int
    workers: int
    habits: Habits
    database_url: str
    redis_url: str
    seed: int


def shares(workers: int, processes: int, habits: Habits, database_url: str, redis_url: str, seed: int) -> list[Share]:
    """Divide workers among processes, as evenly as possible."""
    edges = [workers * number // processes for number in range(processes + 1)]
    return [
        Share(first, end - first, habits, database_url, redis_url, seed + number)
        for number, (first, end) in enumerate(itertools.pairwise(edges))
        if end > first
    ]


class Fleets:
    """Processes of simulated workers. They start together, after each has imported its code."""

    def __init__(self, divided: Sequence[Share]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share connections
        self.counts, self.processor_seconds = Counts(), 0.0
        self._ends = []
        self._processes = []
        for share in divided:
            own, other = context.Pipe()
            process = context.Process(target=simulate, args=(share, other), daemon=True)
            process.start()
            other.close()
            self._ends.append(own)
            self._processes.append(process)
        for end in self._ends:
            end.recv()

    def start(self, began: float) -> None:
        """Let the workers read messages. Their claims are timed from `began`."""
        for end in self._ends:
            end.send(began)

    def end(self) -> None:
        """Wait for workers that are stopped to come back, and add up what all did."""
        for end in self._ends:
            end.send(None)
        for end in self._ends:
            counts, seconds = end.recv()
            self.counts = self.counts.with_those_of(counts)
            self.processor_seconds += seconds
        for process in self._processes:
            process.join()


def simulate(share: Share, other: Connection) -> None:
    """Run the workers of one process, between the messages of the one that started it.

    The garbage collector is off. A real worker needs it once in some hundred jobs, on its own
    time. Here it would run for all jobs of the process, and stop all of its workers for 0.3 s.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()
    other.send("ready")
    began = other.recv()
    before = time.process_time()
    fields = (share.habits, share.database_url, share.redis_url, share.seed)
    with Fleet(share.workers, *fields, first=share.first, began=began) as fleet:
        other.recv()
        while fleet.asleep:
            time.sleep(0.1)
    other.send((fleet.counts, time.process_time() - before))
