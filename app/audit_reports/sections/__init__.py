"""The sections of a report, in the order in which they are read."""

from app.audit_reports.blocks import Section
from app.audit_reports.facts import Facts
from app.audit_reports.sections import access, closing, limits, mappings, mitigations, people, record, results, tail


def sections(facts: Facts) -> list[Section]:
    """Return all sections and appendices."""
    return [
        record.identification(facts),
        access.threat_model(facts),
        access.means(facts),
        results.results(facts),
        tail.tail(facts),
        limits.not_tested(facts),
        limits.capacity(facts),
        mitigations.mitigations(facts),
        closing.residual_risk(facts),
        closing.ended_by(facts),
        closing.sign_off(facts),
        people.everybody(facts),
        mappings.mapped(),
    ]
