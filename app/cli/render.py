"""Results in the terminal: the verdict, every figure with its interval, a line for scripts."""

from collections.abc import Iterator
from typing import Any

from app.cli.figures import print_figures
from app.cli.fit import fit_lines
from app.cli.terminal import Terminal
from app.contract.written import with_interval

COLOURS = {"FAIL": "bold red", "INCONCLUSIVE": "bold yellow", "PASS": "bold green"}
NAMES_SHOWN = 12


def print_result(console: Terminal, result: dict[str, Any]) -> None:
    """The verdict and its reasons, what is beside it, the figures, and what each stage took."""
    verdict = str(result["verdict"])
    console.say("")
    console.styled((verdict, COLOURS.get(verdict, "bold")), "  " + str(result["sentence"]).removeprefix(f"{verdict}: "))
    sentence = str(result["sentence"])
    console.say(*(f"  {line}" for line in dict.fromkeys(_lines(result)) if line.removeprefix("note: ") not in sentence))
    print_figures(console, result)
    _print_stages(console, result)


def _lines(result: dict[str, Any]) -> Iterator[str]:
    if stopped := result.get("stopped"):
        yield stopped["detail"]
    yield from result.get("reasons", [])
    yield from fit_lines(result.get("fit"))
    yield from (f"would decide it: {step}" for step in result.get("decides", []))
    if line := regression_line(result.get("regression")):
        yield line
    yield from _severity(result)
    yield from _named(result)
    yield from _attacks(result)
    if twin := result.get("twin"):
        there, here = (with_interval(twin[side]) for side in ("q", "p"))
        yield f"twin, trained without {twin['n']} of them: recognised {there} there, {here} here"
    if power := result.get("power"):
        yield f"power: the same plan reaches R {with_interval(power)} on {power['reference']['words']}"
    yield from (f"note: {note}" for note in result.get("notes") or [])


def regression_line(regression: dict[str, Any] | None) -> str:
    """Return the comparison with the release before, or nothing where none was compared."""
    if not regression or not regression.get("sentence"):
        return ""
    line = str(regression["sentence"])
    if regression.get("same_references") is False:
        line += " The private images or their labels are not the same, so part of the difference may be theirs."
    return line


def _attacks(result: dict[str, Any]) -> Iterator[str]:
    """Return a line for each attack of a portfolio: what it found alone, and whom it added."""
    attacks = result.get("attacks") or []
    for one in attacks if len(attacks) > 1 else ():
        said = [f"attack {one['label']}:"]
        if one["verified"]:
            said.append(f"recognised {with_interval(one['verified'])},")
        if one["risk"]:
            said.append(
                f"R {with_interval({'format': 'share'} | one['risk'])}, adds {one['added']} to those before it,"
            )
        yield f"{' '.join(said)} {one['minutes']:.1f} min"


def _severity(result: dict[str, Any]) -> Iterator[str]:
    severity, note = result.get("severity"), result.get("severity_note")
    if severity is not None and not severity.startswith("none shown"):
        plan = result.get("release_plan")
        because = f"release plan {plan}" if plan else "no release plan given; set one with --release-plan"
        yield f"severity: {severity}; {because}"
    elif severity is not None and note:
        yield f"severity: {severity}"
    if note:
        yield f"  {note}"


def _named(result: dict[str, Any]) -> Iterator[str]:
    """Return who is exposed by name, how stable each name is, and how many may be wrong."""
    named, naming = result.get("named") or [], result.get("naming") or {}
    if named:
        wrong = naming.get("expected_false")
        yield f"exposed by name: {len(named)}" + (
            "" if wrong is None else f" (up to {wrong:.1f} of them expected to be wrong)"
        )
        yield from (f"  {one['name']}{_stability(one)}" for one in named[:NAMES_SHOWN])
        if len(named) > NAMES_SHOWN:
            yield f"  and {len(named) - NAMES_SHOWN} more"
    if earlier := naming.get("named_earlier_only"):
        more = f" and {len(earlier) - NAMES_SHOWN} more" if len(earlier) > NAMES_SHOWN else ""
        yield f"named by earlier runs with another seed, not by this one: {', '.join(earlier[:NAMES_SHOWN])}{more}"


def _stability(one: dict[str, Any]) -> str:
    parts = []
    if restarts := one.get("restarts"):
        parts.append(f"recognised in {restarts['recognised']} of {restarts['of']} restarts")
    if seeds := one.get("seeds"):
        parts.append(f"named in {seeds['named']} of {seeds['of']} runs with another seed")
    return f": {', '.join(parts)}" if parts else ""


def _print_stages(console: Terminal, result: dict[str, Any]) -> None:
    rows = []
    for stage in result.get("stages", []):
        memory = stage.get("peak_memory_bytes")
        rows.append((stage["stage"], f"{stage['seconds']:.1f}", f"{memory / 2**20:.0f}" if memory else None))
    columns = ("stage", "seconds", "peak memory, MiB")
    console.table(columns, rows, right=columns[1:])


def machine_line(result: dict[str, Any], seconds: float) -> str:
    """Return the line for scripts, such as `verdict=FAIL risk=0.71 low=0.60 high=0.80`."""
    risk, figures = result.get("risk") or {}, result["figures"]

    def number(value: float | None) -> str:
        return "na" if value is None else f"{value:.2f}".replace("-0.00", "0.00")

    def figure(name: str) -> str:
        return number((figures.get(name) or {}).get("value"))

    return (
        f"verdict={result['verdict']} risk={number(risk.get('value'))} low={number(risk.get('low'))} "
        f"high={number(risk.get('high'))} verified={figure('verified')} top1={figure('attack_accuracy_top1')} "
        f"control={figure('control')} seconds={seconds:.0f}"
    )
