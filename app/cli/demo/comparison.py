"""Comparison of the paper's four settings on the same classes and seeds."""

from typing import Any

from app.cli.terminal import Terminal
from app.contract.figures import FIGURES
from app.contract.written import ends, value

SETTINGS = ("baseline", "lom", "ma", "lomma")
NAMES = {"baseline": "baseline (CE)", "lom": "+LOM", "ma": "+MA", "lomma": "LOMMA"}
SHOWN = ("verified", "attack_accuracy_top1", "overfitting_gap", "control")


def print_comparison(console: Terminal, results: dict[str, tuple[dict[str, Any], float]]) -> None:
    """Print a row per setting: each figure with its 95 % interval, R, verdict and seconds."""
    columns = ["setting", *(FIGURES[name].label for name in (*SHOWN, "risk")), "verdict", "seconds"]
    rows = []
    for setting, (result, seconds) in results.items():
        figures = [*(result["figures"].get(name) for name in SHOWN), result["risk"]]
        cells = [(value(figure), ends(figure)) for figure in figures]
        rows.append((NAMES[setting], *cells, result["verdict"], f"{seconds:.0f}"))
    console.table(columns, rows, title="Four settings, same classes and seeds", right=columns[1:])
