"""One answer of `exhume doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only `fail` makes the exit code 1."""

    OK = "ok"
    IDLE = "idle"  # cannot be said while the stack is down
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    subject: str
    level: Level
    found: str
    mend: str = ""


def ok(subject: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Level.OK, found)


def idle(subject: str, found: str) -> Finding:
    """Not known until `exhume up` runs."""
    return Finding(subject, Level.IDLE, found, "start the stack with `exhume up` to have this checked")


def warn(subject: str, found: str, mend: str) -> Finding:
    """Works, but not as it should."""
    return Finding(subject, Level.WARN, found, mend)


def fail(subject: str, found: str, mend: str) -> Finding:
    """Does not work."""
    return Finding(subject, Level.FAIL, found, mend)
