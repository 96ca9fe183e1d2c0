"""The four settings of the paper side by side, on the same identities and seeds."""

from typing import Any

from rich.table import Table

from app.cli.render import interval

SETTINGS = ("baseline", "lom", "ma", "lomma")
NAMES = {"baseline": "baseline (CE)", "lom": "+LOM", "ma": "+MA", "lomma": "LOMMA"}
COLUMNS = {
    "verified": "verified",
    "attack_accuracy_top1": "top-1, uncalibrated",
    "overfitting_gap": "overfitting gap",
    "control": "control",
}


def comparison(results: dict[str, tuple[dict[str, Any], float]]) -> Table:
    """A row a setting: value and 95 % interval of each figure, R, verdict and seconds."""
    table = Table(
        title="Four settings, same identities and seeds", title_justify="left", show_edge=False, pad_edge=False
    )
    table.add_column("setting")
    for label in (*COLUMNS.values(), "risk R", "verdict", "seconds"):
        table.add_column(label, justify="right")
    for setting, (result, seconds) in results.items():
        cells = [_cell(result["figures"].get(name)) for name in COLUMNS]
        cells.append(_cell(result.get("risk"), percent=False))
        table.add_row(NAMES[setting], *cells, result["verdict"], f"{seconds:.0f}")
    return table


def _cell(figure: dict[str, Any] | None, *, percent: bool = True) -> str:
    value, span = interval(figure, percent=percent)
    return f"{value}\n[dim]{span}[/]" if span else value
