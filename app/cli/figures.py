"""Figures of a result as text, each with its label, value and interval, in document order."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.cli.terminal import Terminal
from app.contract.figures import FIGURES
from app.contract.written import Figure, ends, value


def print_figures(console: Terminal, result: Mapping[str, Any]) -> None:
    """The table of all figures, risk first."""
    console.table(
        ("figure", "value", "95 % interval", "n"),
        [(name, value(figure), ends(figure), figure and figure["n"]) for name, figure in rows(result)],
        title=f"Evidence level: {result['evidence_level']}",
        right=("value", "95 % interval", "n"),
    )


def rows(result: Mapping[str, Any]) -> Iterator[tuple[str, Figure | None]]:
    """Label and figure: the risk, then figures and controls by `order`.

    JSON in the database keeps no order of keys.
    """
    yield FIGURES["risk"].label, result["risk"]
    found = [(one["label"], one) for name, one in result["figures"].items() if name != "risk"]
    found += [(f"control: {one['label']}", one) for one in result["controls"].values()]
    yield from sorted(found, key=lambda row: (row[1]["order"], row[0]))
