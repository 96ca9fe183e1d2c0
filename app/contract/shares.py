"""Formatting of shares, differences and intervals in sentences, tables and reports.

A share is a percentage with at most one decimal: `12.5 %`, `87 %`, `0 %`, `100 %`. A share that is
not 0 or 1 is never rounded to them: `< 0.1 %`, `> 99.9 %`. A difference is signed and in points:
`+4.5 points`. Minus zero is written as `0`.
"""

from collections.abc import Mapping
from typing import Any


def share(value: float) -> str:
    """Format a share in [0, 1] as a percentage with at most one decimal."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return f"{_short(100 * value)} %"


def exact(value: float) -> str:
    """Format a share that somebody chose, such as a budget, with up to four decimals: `0.25 %`."""
    return f"{round(100 * value, 4):g} %"


def points(difference: float) -> str:
    """Format a difference of two shares, in [-1, 1], as signed percentage points."""
    text = _short(abs(100 * difference))
    sign = "" if text == "0" else "+" if difference > 0 else "\u2212"
    return f"{sign}{text} point{'' if text == '1' else 's'}"


def span(low: float, high: float) -> str:
    """Format the ends of an interval of shares: `74.1 % to 100 %`."""
    return f"{share(low)} to {share(high)}"


def interval(figure: Mapping[str, Any]) -> str:
    """Format a share with its 95 % interval: `87 % (69 % to 96 %)`."""
    return f"{share(figure['value'])} ({span(figure['low'], figure['high'])})"


def _short(number: float) -> str:
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
