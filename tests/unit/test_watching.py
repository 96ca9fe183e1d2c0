"""A child that waits for a processor has more time by the clock than one that hangs."""

import os
from pathlib import Path

import pytest

from worker.intake.sandbox import SandboxLimits, watching

LIMITS = SandboxLimits(memory_bytes=2**30, cpu_seconds=10, file_bytes=2**20, disk_bytes=2**20)


class Child:
    """A child that ends after some seconds. Each look at it takes one."""

    def __init__(self, seconds: int) -> None:
        self.seconds, self.passed, self._ends = seconds, 0.0, list[int]()
        self.answer, self.stderr = self._pipe(), self._pipe()

    def _pipe(self) -> watching.BinaryIO:
        read, write = os.pipe()
        self._ends.append(write)
        return os.fdopen(read, "rb")

    def look(self) -> bool:
        self.passed += 1
        if self.passed >= self.seconds:
            self._close()
        return False

    def _close(self) -> None:
        while self._ends:
            os.close(self._ends.pop())

    def wait(self, seconds: float) -> int:
        return 0

    def kill(self) -> int:
        self._close()
        return -9


@pytest.fixture
def pressure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand for the file of the kernel, and look at once."""
    monkeypatch.setattr(watching, "WAITS", tmp_path / "cpu")
    monkeypatch.setattr(watching, "PAUSE", 0.0)
    return tmp_path / "cpu"


@pytest.mark.parametrize(
    ("seconds", "waits", "reason"),
    [
        (25, 0, None),
        (40, 0, "time"),
        (40, 200, None),
        (140, 200, None),
        (170, 200, "time"),
        (37, 10, None),
        (40, 10, "time"),
    ],
)
def test_time_in_which_programs_wait_counts_for_a_fifth(
    seconds: int, waits: int, reason: str | None, pressure: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is 30 seconds by the clock, and five times as many on a busy machine.

    A child that makes others wait runs meanwhile, of which its processor time allows 10 seconds.
    """
    child, work = Child(seconds), tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(watching.time, "monotonic", lambda: 100.0 + child.passed)

    def look() -> bool:
        child.look()
        if waits:
            total = int(1e6 * (7 + min(waits, child.passed)))
            pressure.write_text(f"some avg10=99.00 avg60=9.00 avg300=1.00 total={total}\nfull avg10=0.00 total=0\n")
        return False

    if waits:
        pressure.write_text("some avg10=99.00 avg60=9.00 avg300=1.00 total=7000000\nfull avg10=0.00 total=0\n")
    assert watching.watch(child, work, LIMITS, look).reason == reason
