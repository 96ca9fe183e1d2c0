"""Comparison of a replay with its original, and sentences about it. Pure functions."""

from typing import Any, Literal, NamedTuple

from app.contract.result import Result
from app.contract.result.record import InputDigests
from app.contract.shares import share, span

Outcome = Literal["exact", "same_verdict", "different"]
ReplayClass = Literal["exact", "same_verdict"]
ROUNDING = 1e-9
COMPARED = ("inputs", "hardware")
SAME_MACHINE = ("device", "gpu", "compute_capability", "driver", "cuda", "processor", "threads", "torch")
SAME_SEARCH = {"precision": "float32", "images_at_once": None, "cuda_graphs": None}
"""Hardware and software on which the same plan gives the same bits, and what a search used there.

The latter has the values of results that do not record them.
"""


class Measured(NamedTuple):
    """The verdict of an audit, and R with its 95 % interval where R was measured."""

    verdict: str | None
    risk: float | None
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """R with its interval, in words."""
        if self.risk is None:
            return "not measured"
        if self.low is None or self.high is None:
            return share(self.risk)
        return f"{share(self.risk)} ({span(self.low, self.high)})"

    def holds(self, risk: float) -> bool:
        """Return whether `risk` lies within the interval."""
        low, high = (self.risk if end is None else end for end in (self.low, self.high))
        return low is not None and high is not None and low - ROUNDING <= risk <= high + ROUNDING


def compared(original: Measured, again: Measured, *, images_equal: bool) -> tuple[Outcome, str]:
    """Return the outcome and a sentence that says why.

    Two results are the same when the verdicts are the same and R of each lies within the interval
    of the other. They are exact when nothing differs at all.
    """
    if original.verdict != again.verdict:
        return "different", f"The verdict changed from {original.verdict} to {again.verdict}."
    if original == again and images_equal:
        return "exact", "Every reconstruction, R and the verdict are the same."
    if why := _apart(original, again):
        return "different", (
            f"The verdict is {original.verdict} in both, but R with its 95 % interval is {original.words} in the "
            f"original and {again.words} in the replay: {why}."
        )
    if original.risk is None:
        return "same_verdict", "The verdict is the same. R was not measured in either audit."
    return "same_verdict", "The verdict is the same, and R of each lies within the 95 % interval of the other."


def expected(original: Result, again: Result) -> ReplayClass:
    """Return whether two results can be expected to be the same bit for bit.

    They can on the same device with the same software, if every operation had a deterministic
    kernel there, and the searches ran in the same way.
    """
    before, after = original.hardware, again.hardware
    same = all(before.get(name) == after.get(name) for name in SAME_MACHINE) and before.get("torch") is not None
    same = same and all(before.get(name, usual) == after.get(name, usual) for name, usual in SAME_SEARCH.items())
    unsteady = before.get("nondeterministic") or after.get("nondeterministic")
    return "exact" if same and not unsteady else "same_verdict"


def _apart(original: Measured, again: Measured) -> str | None:
    """Return why the two values of R differ, or None if they agree."""
    if (original.risk is None) != (again.risk is None):
        return "only one of the two could measure it"
    if again.risk is not None and not original.holds(again.risk):
        return "R of the replay lies outside the interval of the original"
    if original.risk is not None and not again.holds(original.risk):
        return "R of the original lies outside the interval of the replay"
    return None


def changed(original: Result, again: Result) -> list[str]:
    """List the differences between the inputs and the hardware of two results, one per line.

    The source of the prior is left out, because a replay reuses the prior of the original and the
    digest is compared. An input that the original did not record is listed too, because it may
    have changed.
    """
    lines = []
    for part in COMPARED:
        before, after = (_recorded(getattr(result, part)) for result in (original, again))
        for name in sorted((set(before) | set(after)) - {"prior_source"}):
            if before.get(name) != after.get(name):
                first = "not recorded by the original" if before.get(name) is None else before[name]
                lines.append(f"{part}.{name}: {first} -> {after.get(name)}")
    return lines


def _recorded(part: InputDigests | dict[str, Any]) -> dict[str, Any]:
    return part if isinstance(part, dict) else part.model_dump()
