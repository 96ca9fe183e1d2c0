"""Section 8: other audits of the same model, which show what its changes cost and gained."""

from app.audit_reports.blocks import Block, Column, Section, Table, Text
from app.audit_reports.facts import Facts, Other
from app.audit_reports.rows import measured

ALONE = "No other audit of this model has a result, so no mitigation was compared."
ACCURACY = "target_accuracy_on_references"
MOST = 20
"""Other audits in the tables."""
MEASURED = [Column("95 % interval", "number"), Column("n", "number")]
RISK = [Column("Release"), Column("Audited"), Column("Verdict"), Column("R", "number"), *MEASURED]
COST = [Column("Release"), Column("Accuracy", "number"), *MEASURED, Column("Minutes of the attack", "number")]


def mitigations(facts: Facts) -> Section:
    """Return other audits of the target beside this one."""
    if not facts.others:
        return Section("8", "Mitigations tried and their cost", [Text(ALONE)])
    found = [("this one", Other(facts.audit, facts.result)), *(("", one) for one in facts.others)]
    blocks: list[Block] = [
        Text(
            "Each release is one state of the model. The difference of R shows what a change gained, and the "
            "difference of accuracy on the private images what it cost, if both audits have the same plan, data and "
            "verifiers. Other figures cannot be compared."
        ),
        Table(
            f"Risk: this audit, then others with the newest first, at most {MOST}", RISK, [_risk(*one) for one in found]
        ),
        Table("Cost of the same audits", COST, [_cost(*one) for one in found]),
    ]
    regression = facts.result.regression
    if regression is not None and (said := regression.sentence or regression.reason):
        blocks.append(Text(said))
    return Section("8", "Mitigations tried and their cost", blocks)


def _risk(mark: str, other: Other) -> list[str]:
    result = other.result
    return [_name(mark, other), f"{other.audit.created_at:%Y-%m-%d}", result.verdict, *measured(result.risk)]


def _cost(mark: str, other: Other) -> list[str]:
    result = other.result
    return [_name(mark, other), *measured(result.figures.get(ACCURACY)), f"{result.cost.device_minutes:,.1f}"]


def _name(mark: str, other: Other) -> str:
    version = other.audit.release.version
    return f"{version} ({mark})" if mark else version
