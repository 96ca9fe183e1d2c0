"""Figures of a result as text, each with its label, value and interval, in document order."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.cli.terminal import Terminal
from app.contract.figures import FIGURES
from app.contract.shares import points, share

NOT_MEASURED = "not measured"
MINUS = "\u2212"
Figure = Mapping[str, Any]


def value(figure: Figure | None) -> str:
    """The value by its format: a percentage, signed points, or a number with three decimals.

    A measurement without a format is a share.
    """
    if not figure or figure.get("value") is None:
        return NOT_MEASURED
    return _written(figure, figure["value"])


def ends(figure: Figure | None) -> str:
    """Both ends of the 95 % interval; empty where there is none."""
    if not figure or figure.get("value") is None or figure.get("low") is None or figure.get("high") is None:
        return ""
    low, high = _written(figure, figure["low"]), _written(figure, figure["high"])
    return f"{low.removesuffix('s').removesuffix(' point')} to {high}"  # `−1.5 to +12 points`, as the dashboard has it


def with_interval(figure: Figure | None) -> str:
    """`87 % (69 % to 96 %)`."""
    span = ends(figure)
    return f"{value(figure)} ({span})" if span else value(figure)


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


def _written(figure: Figure, number: float) -> str:
    match figure.get("format", "share"):
        case "share":
            return share(number)
        case "difference":
            return points(number)
        case _:
            digits = f"{abs(number):.3f}"
            return f"{MINUS}{digits}" if number < 0 and digits != "0.000" else digits
