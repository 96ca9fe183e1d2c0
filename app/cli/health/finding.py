"""One answer of `exhume doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only `fail` makes the exit code 1."""

    OK = "ok"
    IDLE = "idle"  # not known while the stack is down
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What was checked, what was found, and how to fix it."""

    subject: str
    level: Level
    found: str
    fix: str = ""


def ok(subject: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Level.OK, found)


def idle(subject: str, found: str) -> Finding:
    """Not known until `exhume up` runs."""
    return Finding(subject, Level.IDLE, found, "to check this too, start the stack with `exhume up`")


def warn(subject: str, found: str, fix: str) -> Finding:
    """Works, but not as it should."""
    return Finding(subject, Level.WARN, found, fix)


def fail(subject: str, found: str, fix: str) -> Finding:
    """Does not work."""
    return Finding(subject, Level.FAIL, found, fix)
