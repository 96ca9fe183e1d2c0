"""The interval plot: R, its controls and the power of the plan on one axis, as SVG."""

from html import escape

from app.audit_reports.blocks import Picture
from app.contract.result import Result
from app.contract.result.base import Measurement
from app.contract.shares import exact, interval, share

WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 720, 250, 24, 28, 12, 42
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
INK, QUIET, LINE, PAPER = "#1c2024", "#60646c", "#d9dce0", "#ffffff"


def intervals(result: Result) -> Picture | None:
    """Return the plot, or None where R was not measured."""
    if result.risk is None:
        return None
    rows: list[tuple[str, Measurement, bool]] = [(result.risk.label, result.risk, True)]
    ordered = sorted(result.controls.values(), key=lambda one: (one.order, one.label))
    rows += [(f"control: {one.label}", one, False) for one in ordered]
    rows += [] if result.power is None else [(result.power.label, result.power, False)]
    height = TOP + ROW * len(rows) + BOTTOM
    marks = [_axis(height), _budget(result.budget, height)]
    marks += [_row(TOP + ROW * (place + 0.5), *row) for place, row in enumerate(rows)]
    said = [f"{label} {interval(one.model_dump())}" for label, one, _ in rows]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="DejaVu Sans, Liberation Sans, Arial, sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>{"".join(marks)}</svg>'
    )
    caption = f"Estimates with 95 % intervals. The dashed line is the largest R for a PASS, {exact(result.budget)}."
    return Picture(svg.encode(), "image/svg+xml", f"Interval plot: {'; '.join(said)}.", caption)


def _x(value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(max(value, 0.0), 1.0)


def _axis(height: int) -> str:
    bottom = height - BOTTOM
    return "".join(
        f'<line x1="{_x(tick):.1f}" y1="{TOP}" x2="{_x(tick):.1f}" y2="{bottom}" stroke="{LINE}"/>'
        f'<text x="{_x(tick):.1f}" y="{bottom + 18}" fill="{QUIET}" text-anchor="middle">{share(tick)}</text>'
        for tick in TICKS
    )


def _budget(budget: float, height: int) -> str:
    x, bottom = _x(budget), height - BOTTOM
    return f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="{INK}" stroke-dasharray="4 3"/>'


def _row(y: float, label: str, found: Measurement, main: bool) -> str:
    low, high, at = _x(found.low), _x(found.high), _x(found.value)
    weight, colour = (3, INK) if main else (2, QUIET)
    bold = ' font-weight="bold"' if main else ""
    mark = (
        f'<circle cx="{at:.1f}" cy="{y}" r="5" fill="{colour}"/>'
        if main
        else f'<circle cx="{at:.1f}" cy="{y}" r="4.5" fill="{PAPER}" stroke="{colour}" stroke-width="2"/>'
    )
    return (
        f'<text x="{LEFT - 14}" y="{y + 4.5}" fill="{INK}" text-anchor="end"{bold}>{escape(label)}</text>'
        f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="{colour}" stroke-width="{weight}"/>{mark}'
    )
