"""Results in the terminal: the verdict first, every figure with its interval and n, and one line for machines."""

import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLOURS = {"FAIL": "red", "INCONCLUSIVE": "yellow", "PASS": "green"}
NAMES_SHOWN = 12
LABELS = {
    "verified": "verified success",
    "control": "strongest control",
    "attack_accuracy_top1": "attack accuracy, top-1 (uncalibrated)",
    "attack_accuracy_top5": "attack accuracy, top-5 (uncalibrated)",
    "target_accuracy": "accuracy under the target",
    "overfitting_gap": "MI-overfitting gap, target minus verifiers",
    "overfitting_gap_evaluator": "MI-overfitting gap, target minus evaluator",
    "rank1_all_verifiers": "rank 1 under every verifier",
    "identity_bits": "identity bits",
    "target_accuracy_on_references": "accuracy of the target on the private images",
    "member_gap": "similarity to training minus to held-out images",
}


def console() -> Console:
    """Standard output: as wide as the terminal, and wide enough for any table where there is none."""
    return Console(width=None if sys.stdout.isatty() else 160)


def interval(figure: dict[str, Any] | None, *, percent: bool = True) -> tuple[str, str]:
    """A figure as (value, interval); missing parts stay empty."""
    if not figure or figure.get("value") is None:
        return "not measured", ""
    scale, unit = (100, " %") if percent else (1, "")
    digits = 1 if percent else 3
    low, high = figure.get("low"), figure.get("high")
    span = "" if low is None or high is None else f"{low * scale:.{digits}f} to {high * scale:.{digits}f}{unit}"
    return f"{figure['value'] * scale:.{digits}f}{unit}", span


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def print_estimate(console: Console, estimate: dict[str, Any]) -> None:
    """How long an audit will take, and what it will be able to conclude."""
    basis = "by earlier audits" if estimate["measured"] else "a first guess, for two cores without other work"
    if estimate.get("setting") and estimate.get("prior"):
        console.print(f"setting {estimate['setting']}, prior {estimate['prior']}", highlight=False)
    console.print(f"about {duration(estimate['seconds'])} on one worker ({basis})", highlight=False)
    for sentence in estimate["concludes"]:
        console.print(f"  {sentence}", highlight=False, markup=False, soft_wrap=True)


def print_stages(console: Console, jobs: list[dict[str, Any]]) -> None:
    """How far each stage is, over its shards."""
    stages: dict[str, list[dict[str, Any]]] = {}
    for job in jobs:
        stages.setdefault(job["stage"], []).append(job)
    for stage, shards in stages.items():
        states = {job["state"] for job in shards}
        state = states.pop() if len(states) == 1 else "running"
        shares = [1.0 if job["state"] == "succeeded" else job["done"] / max(job["total"], 1) for job in shards]
        far = f", {sum(shares) / len(shares):.0%}" if state == "running" else ""
        console.print(f"  {stage:<10} {state}{far}", highlight=False)


def print_result(console: Console, result: dict[str, Any]) -> None:
    """The verdict sentence, the table of figures and the seconds of each stage."""
    colour = COLOURS.get(result["verdict"], "default")
    console.print()
    said = str(result["sentence"]).removeprefix(f"{result['verdict']}: ")
    console.print(f"[bold {colour}]{result['verdict']}[/]  {escape(said)}", highlight=False)
    for reason in result.get("reasons", []):
        console.print(f"  {reason}", highlight=False, markup=False)
    for step in result.get("decides", []):
        console.print(f"  would decide it: {step}", highlight=False, markup=False)
    if line := regression_line(result.get("regression")):
        console.print(f"  {line}", highlight=False, markup=False)
    for line in _beside(result):
        console.print(f"  {line}", highlight=False, markup=False)
    console.print(_figures(result))
    console.print(_stages(result))


def regression_line(regression: dict[str, Any] | None) -> str:
    """`against release 1: R +0.120 (0.031 to 0.214), 90 shared people, 11 newly exposed`; empty without one."""
    difference = (regression or {}).get("difference")
    if not regression or not difference:
        return ""
    span = f"{difference['low']:+.3f} to {difference['high']:+.3f}"
    people = f"{regression['shared']} shared people, {regression['newly_exposed']} newly exposed"
    line = f"against release {regression['version']}: R {difference['value']:+.3f} ({span}), {people}"
    if regression.get("same_references") is False:
        line += "; the private images or their labels are not the same, so part of the difference may be theirs"
    return line


def _beside(result: dict[str, Any]) -> list[str]:
    """How bad it is, who is named, and what the twin and the power check say."""
    lines = []
    if (severity := result.get("severity")) not in {None, "none shown"}:
        plan = result.get("release_plan") or "nobody has said who will hold the weights (--release-plan)"
        lines.append(f"severity: {severity}; {plan}")
    if names := [one["name"] for one in result.get("named") or []]:
        lines.append(f"exposed by name: {', '.join(names[:NAMES_SHOWN])}{', ...' if len(names) > NAMES_SHOWN else ''}")
    if twin := result.get("twin"):
        (there, span), (here, _) = interval(twin["q"]), interval(twin["p"])
        lines.append(f"a twin trained without {twin['n']} of them: {there} verified there ({span}), {here} here")
    if power := result.get("power"):
        value, span = interval(power, percent=False)
        lines.append(f"power: the same plan has R {value} ({span}) on a model known to leak")
    return lines


def _figures(result: dict[str, Any]) -> Table:
    table = Table(
        title=f"Evidence level: {result['evidence_level']}", title_justify="left", show_edge=False, pad_edge=False
    )
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    table.add_column("n", justify="right")
    risk = result.get("risk")
    table.add_row("[bold]risk R[/]", *interval(risk, percent=False), str((risk or {}).get("n", "")))
    figures = {name: figure for name, figure in result["figures"].items() if name != "risk"}
    rows = {LABELS.get(name, name.replace("_", " ")): figure for name, figure in figures.items()}
    rows |= {f"control: {name}": figure for name, figure in result.get("controls", {}).items()}
    for name, figure in rows.items():
        unit = str((figure or {}).get("unit") or "share")
        share = "share" in unit or "accuracy" in unit
        table.add_row(name, *interval(figure, percent=share), str((figure or {}).get("n", "")))
    return table


def _stages(result: dict[str, Any]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    table.add_column("peak memory, MiB", justify="right")
    for stage in result.get("stages", []):
        memory = stage.get("peak_memory_bytes")
        table.add_row(stage["stage"], f"{stage['seconds']:.1f}", f"{memory / 2**20:.0f}" if memory else "")
    return table


def machine_line(result: dict[str, Any], seconds: float) -> str:
    """`verdict=FAIL risk=0.71 low=0.60 high=0.80 verified=0.71 top1=0.88 control=0.02 seconds=212`."""
    risk, figures = result.get("risk") or {}, result["figures"]

    def number(value: float | None) -> str:
        return "na" if value is None else f"{value:.2f}"

    def figure(name: str) -> str:
        return number((figures.get(name) or {}).get("value"))

    return (
        f"verdict={result['verdict']} risk={number(risk.get('value'))} low={number(risk.get('low'))} "
        f"high={number(risk.get('high'))} verified={figure('verified')} top1={figure('attack_accuracy_top1')} "
        f"control={figure('control')} seconds={seconds:.0f}"
    )
