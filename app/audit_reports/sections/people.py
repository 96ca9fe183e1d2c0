"""Appendix A: the outcome of each audited identity."""

from app.audit_reports.blocks import Section, Table, Text
from app.audit_reports.facts import Facts
from app.audit_reports.sections.tail import person_columns, person_row

MOST = 1_000
"""A longer table is of no use on paper. The API lists everybody."""


def everybody(facts: Facts) -> Section:
    """Return the outcomes, most exposed first if verifiers ranked people."""
    shown = facts.people[:MOST]
    if not shown:
        return Section("A", "Every audited class", [Text("No class has an outcome.")])
    more = facts.result.coverage.scored - len(shown)
    left = [Text(f"{facts.noun.counted(more)} more are in the API (`/identities`).", "note")] if more > 0 else []
    ranked = any(one.outcome.rank_exposed is not None for one in facts.people)
    caption = f"Outcomes, {'most exposed first' if ranked else 'in the order of the classes'}"
    table = Table(caption, person_columns(facts), [person_row(one) for one in shown], long=True)
    return Section("A", f"Every audited {facts.noun.one}", [table, *left])
