"""A finding of `exhume doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Severity of a finding. Only `fail` makes the exit code 1."""

    OK = "ok"
    IDLE = "idle"  # unknown while the stack is not running
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """The subject of a check, its result, and how to fix it."""

    subject: str
    level: Level
    found: str
    fix: str = ""


def ok(subject: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(subject, Level.OK, found)


def idle(subject: str, found: str) -> Finding:
    """Unknown until `exhume up` runs."""
    return Finding(subject, Level.IDLE, found, "to check this too, start the stack with `exhume up`")


def warn(subject: str, found: str, fix: str) -> Finding:
    """Works, but not as it should."""
    return Finding(subject, Level.WARN, found, fix)


def fail(subject: str, found: str, fix: str) -> Finding:
    """Does not work."""
    return Finding(subject, Level.FAIL, found, fix)
