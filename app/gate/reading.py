"""Readings of rules, and the figures in them."""

from typing import Literal

from app.contract.decision import RuleFigure, RuleOutcome, RuleReading
from app.contract.gate_rules import RULES, RuleId
from app.contract.shares import exact, points, share, span

LONGEST = 990


def reading(rule: RuleId, outcome: RuleOutcome, reason: str, *figures: RuleFigure) -> RuleReading:
    """Return what a rule found. A reason that is too long for a report is cut."""
    kind = RULES[rule]
    short = reason if len(reason) <= LONGEST else reason[: LONGEST - 1].rstrip() + "…"
    return RuleReading(id=rule, name=kind.name, title=kind.title, outcome=outcome, reason=short, figures=list(figures))


def risk_figure(label: str, value: float, low: float, high: float, limit: float) -> RuleFigure:
    """Return R with its one-sided bounds and the budget."""
    text = f"{share(value)} (bounds {span(low, high)}), budget {exact(limit)}"
    return RuleFigure(label=label, value=value, low=low, high=high, limit=limit, format="share", text=text)


def difference_figure(label: str, value: float, low: float, high: float, limit: float | None) -> RuleFigure:
    """Return a difference of shares with its interval, and the largest accepted one."""
    text = f"{points(value)} ({points(low)} to {points(high)})"
    if limit is not None:
        text += f", limit {points(limit)}"
    return RuleFigure(label=label, value=value, low=low, high=high, limit=limit, format="difference", text=text)


def number_figure(label: str, value: float, limit: float, side: Literal["at least", "at most", "below"]) -> RuleFigure:
    """Return a count with the limit on one side."""
    text = f"{value:,.0f} ({side} {limit:,.0f} accepted)"
    return RuleFigure(label=label, value=value, limit=limit, format="number", text=text)
