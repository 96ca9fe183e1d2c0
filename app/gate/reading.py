"""Readings of rules, and the figures in them."""

from app.contract.decision import RuleFigure, RuleOutcome, RuleReading
from app.contract.figures import Format
from app.contract.gate_rules import RULES, RuleId
from app.contract.shares import exact, points, share, span

LONGEST = 990


def reading(rule: RuleId, outcome: RuleOutcome, reason: str, *figures: RuleFigure) -> RuleReading:
    """Return what a rule found. A reason that is too long for a report is cut."""
    kind = RULES[rule]
    short = reason if len(reason) <= LONGEST else reason[: LONGEST - 1].rstrip() + "…"
    return RuleReading(id=rule, name=kind.name, title=kind.title, outcome=outcome, reason=short, figures=list(figures))


def share_figure(label: str, value: float, low: float, high: float, limit: float) -> RuleFigure:
    """Return a share with an interval and its limit."""
    text = f"{share(value)} ({span(low, high)}), limit {exact(limit)}"
    return RuleFigure(label=label, value=value, low=low, high=high, limit=limit, format="share", text=text)


def difference_figure(label: str, value: float, low: float, high: float, limit: float | None) -> RuleFigure:
    """Return a difference of shares with its interval, and the largest accepted one."""
    text = f"{points(value)} ({points(low)} to {points(high)})"
    if limit is not None:
        text += f", limit {points(limit)}"
    return RuleFigure(label=label, value=value, low=low, high=high, limit=limit, format="difference", text=text)


def number_figure(label: str, value: float, limit: float, *, form: Format = "number") -> RuleFigure:
    """Return a count with its limit."""
    text = f"{value:,.0f}, limit {limit:,.0f}"
    return RuleFigure(label=label, value=value, limit=limit, format=form, text=text)
