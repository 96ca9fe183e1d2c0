"""Comparison of a replay with its original, and sentences about it. Pure functions."""

from typing import Any, Literal, NamedTuple

from app.contract.result import Result
from app.contract.result.record import InputDigests, Machine
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

    They can if all stages of both ran on one kind of device with the same software, every
    operation had a deterministic kernel there, and all shards of an attack searched in one way.
    """
    found = [*_machines(original), *_machines(again)]
    kinds = {tuple(one.hardware.get(name) for name in SAME_MACHINE) for one in found}
    same = len(kinds) == 1 and all(one.hardware.get("torch") is not None for one in found)
    before, after = original.hardware, again.hardware
    same = same and all(before.get(name, usual) == after.get(name, usual) for name, usual in SAME_SEARCH.items())
    if same and original.machines and again.machines:
        first, second = (_searches(result) for result in (original, again))
        same = first == second and all(len(ways) == 1 for ways in first.values())
    return "same_verdict" if any(one.nondeterministic for one in found) or not same else "exact"


def _machines(result: Result) -> list[Machine]:
    """Return the devices of a result. An older one records that of the attack alone."""
    used = result.hardware
    alone = Machine(hardware=used, stages=[], searches=[], nondeterministic=used.get("nondeterministic", []))
    return result.machines or [alone]


def _searches(result: Result) -> dict[int, set[tuple[str, int | None, bool]]]:
    """Return the ways in which the shards of each attack searched."""
    found: dict[int, set[tuple[str, int | None, bool]]] = {}
    for machine in result.machines:
        for one in machine.searches:
            found.setdefault(one.attack, set()).add((one.precision, one.images_at_once, one.cuda_graphs))
    return found


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
    devices = [_devices(result) for result in (original, again)]
    if original.machines and len(original.machines) + len(again.machines) > 2 and devices[0] != devices[1]:
        lines.append(f"machines: {devices[0]} -> {devices[1]}")
    return lines


def _devices(result: Result) -> str:
    """Return the devices of a result with their stages, in words."""
    words = [
        f"{one.hardware.get('gpu') or one.hardware.get('processor') or one.hardware.get('device')} "
        f"({', '.join(one.stages)})"
        for one in _machines(result)
    ]
    return "; ".join(sorted(words))


def _recorded(part: InputDigests | dict[str, Any]) -> dict[str, Any]:
    return part if isinstance(part, dict) else part.model_dump()
