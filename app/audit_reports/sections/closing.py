"""Sections 9 to 11: what remains, what ends the validity of the audit, and who signs."""

from app.audit_reports.blocks import Block, Bullets, Form, Section, Text
from app.audit_reports.facts import Facts
from app.sentences import residual, validity

FIELDS = ["Name", "Organisation and role", "Date", "Signature", "Remarks and conditions"]
CHOICES = ["accepted", "accepted with conditions", "rejected"]
SIGNERS = ("Auditor", "Owner of the model", "Data-protection officer")


def residual_risk(facts: Facts) -> Section:
    """Return the finding with its upper bound, and what deployers must limit."""
    queries = None if facts.result.stopped else facts.result.cost.gradient_queries_per_identity
    blocks: list[Block] = [
        Text(residual.finding(facts.document, facts.noun), "lead"),
        Text(residual.detection(facts.document, facts.noun)),
        Bullets(validity.for_deployers(facts.noun, queries=queries)),
    ]
    return Section("9", "Residual risk for deployers", blocks)


def validity_of(facts: Facts) -> list[str]:
    """Return the events that end the validity of the audit."""
    tested = [one.needs for one in facts.result.threat_models if one.tested]
    return validity.ends(
        digest=facts.result.inputs.checkpoint,
        until=facts.decision.until if facts.decision else None,
        plan=facts.result.release_plan,
        access=" and ".join(tested) or "nothing, because no attack ran",
    )


def ended_by(facts: Facts) -> Section:
    """Return the section on the end of validity."""
    return Section("10", "End of validity", [Text("This report ends when:"), Bullets(validity_of(facts))])


def sign_off(facts: Facts) -> Section:
    """Return the fields that people fill in by hand."""
    said = Text(
        f"Audit of {facts.title}, verdict {facts.result.verdict}. Whoever signs has read sections 5, 6, 9 and 10.",
        "note",
    )
    return Section("11", "Sign-off", [said, *(Form(role, FIELDS, CHOICES) for role in SIGNERS)])
