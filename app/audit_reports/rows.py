"""Rows of figures, and moments, as the sections print them."""

from datetime import UTC, datetime

from app.audit_reports.blocks import Column, Table
from app.contract.result.base import Figure, Figures, Measurement
from app.contract.written import ends, value

FIGURE_COLUMNS = [Column("Figure"), Column("Value", "number"), Column("95 % interval", "number"), Column("n", "number")]
NONE = "–"


def figure_row(figure: Figure) -> list[str]:
    """Return label, value, interval and n of a figure."""
    return [figure.label, *measured(figure)]


def measured(found: Measurement | None) -> list[str]:
    """Return value, interval and n. A measurement without a format is a share."""
    if found is None:
        return [value(None), NONE, NONE]
    whole = found.model_dump()
    return [value(whole), ends(whole), f"{found.n:,}"]


def number(found: float | None) -> str:
    """Return a similarity or a strength with three decimals."""
    return NONE if found is None else value({"format": "number", "value": found})


def figures_table(caption: str, figures: Figures) -> Table:
    """Return a table of figures by their order."""
    ordered = sorted(figures.values(), key=lambda one: (one.order, one.label))
    return Table(caption, FIGURE_COLUMNS, [figure_row(one) for one in ordered])


def moment(at: datetime | None) -> str:
    """Return a moment in UTC, to the minute."""
    return NONE if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def yes(found: bool | None) -> str:
    """Return yes, no, or that it is unknown."""
    return "not judged" if found is None else "yes" if found else "no"
