"""Processor time, user and system, of other processes: proc_pid_stat(5)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def own_seconds(pid: int) -> float:
    """Return the processor time of a process. Raises: OSError where there is none."""
    return sum(_ticks(pid)[:2]) / TICKS


def ended_seconds(pid: int) -> float:
    """Return the processor time of the children that a process has reaped. Raises: OSError."""
    return sum(_ticks(pid)[2:]) / TICKS


def used_seconds(pid: int) -> float:
    """Return the processor time of a process and of the children that it has reaped.

    A process that has ended counts for its parent.
    """
    try:
        return sum(_ticks(pid)) / TICKS
    except OSError:
        return 0.0


def tree_seconds(pid: int) -> float:
    """Return the processor time of a process and of all below it, ended or not."""
    return used_seconds(pid) + sum(map(tree_seconds, children(pid)))


def children(pid: int) -> list[int]:
    """Return the children of a process, of all its threads. None where it has ended."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for thread in threads for one in (thread / "children").read_text().split()]
    except OSError:
        return []


def _ticks(pid: int) -> list[int]:
    """Return utime, stime, cutime and cstime."""
    return [int(one) for one in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
