"""Figures of a result as text, each with its label, value and interval, in document order."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.cli.terminal import Terminal
from app.contract.shares import points, share

NOT_MEASURED = "not measured"
MINUS = "\u2212"
LAST = 1000  # in order, of a figure that an older server sends without one
Figure = Mapping[str, Any]


def value(figure: Figure | None) -> str:
    """The value by its format: a percentage, signed points, or a number with three decimals."""
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


def label(figure: Figure | None, name: str) -> str:
    """What the document calls the figure."""
    return str((figure or {}).get("label") or name.replace("_", " "))


def print_figures(console: Terminal, result: Mapping[str, Any]) -> None:
    """The table of all figures, risk first."""
    console.table(
        ("figure", "value", "95 % interval", "n"),
        [(name, value(figure), ends(figure), (figure or {}).get("n")) for name, figure in rows(result)],
        title=f"Evidence level: {result['evidence_level']}",
        right=("value", "95 % interval", "n"),
    )


def rows(result: Mapping[str, Any]) -> Iterator[tuple[str, Figure | None]]:
    """Label and figure: the risk, then figures and controls by `order`.

    JSON in the database keeps no order of keys.
    """
    yield label(result.get("risk"), "risk R"), {"format": "share"} | dict(result.get("risk") or {})
    found = [(label(one, name), one) for name, one in result["figures"].items() if name != "risk"]
    found += [(f"control: {label(one, name)}", one) for name, one in (result.get("controls") or {}).items()]
    yield from sorted(found, key=lambda row: ((row[1] or {}).get("order", LAST), row[0]))


def _written(figure: Figure, number: float) -> str:
    match figure.get("format") or _format_of(str(figure.get("unit") or "share")):
        case "share":
            return share(number)
        case "difference":
            return points(number)
        case _:
            digits = f"{abs(number):.3f}"
            return f"{MINUS}{digits}" if number < 0 and digits != "0.000" else digits


def _format_of(unit: str) -> str:
    """The format where an older server sends none."""
    if unit == "difference of shares":
        return "difference"
    return "share" if "share" in unit or "accuracy" in unit else "number"
