"""Section 8: other audits of the same model, which show what its changes cost and gained."""

from app.audit_reports.blocks import Block, Column, Section, Table, Text
from app.audit_reports.facts import Facts, Other
from app.audit_reports.rows import measured

ALONE = "No other release of this model was audited, so no mitigation was compared."
ACCURACY = "target_accuracy_on_references"


def mitigations(facts: Facts) -> Section:
    """Return other audits of the target beside this one."""
    if not facts.others:
        return Section("8", "Mitigations tried and their cost", [Text(ALONE)])
    columns = [Column("Release"), Column("Audited"), Column("Verdict"), Column("R", "number")]
    columns += [Column("95 % interval", "number"), Column("Accuracy", "number"), Column("Minutes", "number")]
    rows = [_row("this one", Other(facts.audit, facts.result)), *(_row("", one) for one in facts.others)]
    blocks: list[Block] = [
        Text(
            "Each release is one state of the model. The difference of R is what a change gained, and the difference "
            "of accuracy on the private images is what it cost. Figures by other plans or verifiers cannot be compared."
        ),
        Table("Audits of this model, newest first", columns, rows),
    ]
    regression = facts.result.regression
    if regression is not None and (said := regression.sentence or regression.reason):
        blocks.append(Text(said))
    return Section("8", "Mitigations tried and their cost", blocks)


def _row(mark: str, other: Other) -> list[str]:
    result, audit = other.result, other.audit
    accuracy = measured(result.figures.get(ACCURACY))[0]
    name = f"{audit.release.version} ({mark})" if mark else audit.release.version
    return [
        *(name, f"{audit.created_at:%Y-%m-%d}", result.verdict, *measured(result.risk)[:2], accuracy),
        f"{result.cost.device_minutes:,.1f}",
    ]
