"""Figures as text: by their format, with their interval. The terminal and reports print them."""

from collections.abc import Mapping
from typing import Any

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


def _written(figure: Figure, number: float) -> str:
    match figure.get("format", "share"):
        case "share":
            return share(number)
        case "difference":
            return points(number)
        case _:
            digits = f"{abs(number):.3f}"
            return f"{MINUS}{digits}" if number < 0 and digits != "0.000" else digits
