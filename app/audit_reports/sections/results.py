"""Section 4: the verdict with every figure behind it."""

from app.audit_reports.blocks import Block, Bullets, Column, Part, Section, Table, Text
from app.audit_reports.exposed import evaluator_alone
from app.audit_reports.facts import Facts
from app.audit_reports.nameless import spoken
from app.audit_reports.plot import intervals
from app.audit_reports.rows import FIGURE_COLUMNS, figure_row, figures_table, measured
from app.contract.blind_line_up import BlindLineUpResult
from app.contract.result.base import Figure
from app.contract.shares import interval, share
from app.contract.written import with_interval
from app.sentences import residual


def results(facts: Facts) -> Section:
    """Return verdict, figures, controls, judges and power."""
    result = facts.result
    said = spoken(facts)
    first: list[Block] = [Text(said.verdict()), Bullets(said.coded(result.reasons, result.reason_codes))]
    parts = [
        Part("What would decide it", [Bullets(said.coded(result.decides, result.decide_codes))]),
        Part("Risk, controls and power", _risk(facts)),
        Part("Attacks, each alone", [_attacks(facts)]),
        Part("Figures", [figures_table("", _without_risk(facts))]),
        Part("Judges", _judges(facts)),
        Part("Smallest leak that this audit could have shown", _power(facts)),
    ]
    if facts.blind_line_up is not None:
        parts.append(Part("What people recognise", [Text(recognised_by_people(facts.blind_line_up))]))
    if result.sampling is not None:
        parts.append(Part("Sample", [Text(result.sampling.words)]))
    kept = [part for part in parts if any(not isinstance(one, Bullets) or one.items for one in part.blocks)]
    return Section("4", "Results", first, kept)


def recognised_by_people(found: BlindLineUpResult) -> str:
    """Return the results of a blind line-up in a few sentences."""
    matched = "" if found.matched is None else f" They match {interval(found.matched.model_dump())} of all"
    matched += f" that they saw, by chance {share(found.chance)}." if matched else ""
    return f"{found.sentence}{matched} They did not know whom a picture should show. R and the verdict do not use this."


def _without_risk(facts: Facts) -> dict[str, Figure]:
    return {name: one for name, one in facts.result.figures.items() if name not in {"risk", "control"}}


def _risk(facts: Facts) -> list[Block]:
    result = facts.result
    controls = sorted(result.controls.values(), key=lambda one: (one.order, one.label))
    rows = [] if result.risk is None else [figure_row(result.risk)]
    strongest = result.figures.get("control")
    rows += [] if strongest is None else [figure_row(strongest)]
    rows += [[f"control: {one.label}", *measured(one)] for one in controls]
    if result.twin is not None:
        rows += [
            ["twin: recognised on the model", *measured(result.twin.p)],
            ["twin: recognised on the twin", *measured(result.twin.q)],
        ]
    if result.risk is not None and result.risk.correction is not None:
        figures = sorted(result.risk.correction.figures.values(), key=lambda one: one.order)
        rows += [figure_row(one) for one in figures]
    rows += [] if result.power is None else [figure_row(result.power)]
    blocks: list[Block] = []
    if (drawn := intervals(result)) is not None:
        blocks.append(drawn)
    if result.risk is not None:
        low, high = share(result.risk.bound_low), share(result.risk.bound_high)
        blocks.append(
            Text(
                f"One-sided 95 % bounds of R, which decide the verdict: {low} and {high}. Largest R for a PASS: "
                f"{share(result.budget)}. Method: {result.risk.method}."
            )
        )
    return [*blocks, Table("", FIGURE_COLUMNS, rows)] if rows else [Text("R was not measured.")]


def _attacks(facts: Facts) -> Table:
    columns = [Column("Attack"), Column("Recognised", "number"), Column("95 % interval", "number")]
    columns += [Column("R alone", "number"), Column("95 % interval", "number"), Column("n", "number")]
    rows = [
        [one.label, *measured(one.verified)[:2], *measured(one.risk), "" if one.added is None else f"{one.added:,}"]
        for one in facts.result.attacks
    ]
    return Table("", [*columns, Column("Adds", "number")], rows)


def _judges(facts: Facts) -> list[Block]:
    result = facts.result
    columns = [Column("Judge"), *FIGURE_COLUMNS]
    rows = [
        [one.name, *figure_row(figure)]
        for one in result.verifiers
        for figure in sorted(one.figures.values(), key=lambda figure: figure.order)
    ]
    if result.evaluator is not None:
        rows += [["evaluator (uncalibrated)", *figure_row(one)] for one in result.evaluator.figures.values()]
    refused = [f"{one.name} was not used: {one.reason or 'it was rejected'}" for one in result.verifiers if one.refused]
    alone = "The evaluator judged alone. Its rates of error were not measured."
    judged = [Table("", columns, rows)] if rows else [Text(alone if evaluator_alone(facts) else "Nothing judged.")]
    return [*judged, *([Bullets(refused)] if refused else [])]


def _power(facts: Facts) -> list[Block]:
    power = facts.result.power
    said = Text(residual.detection(facts.document, facts.noun))
    if power is None:
        return [said]
    figure = {"value": power.value, "low": power.low, "high": power.high, "format": power.format}
    return [
        said,
        Text(
            f"Power: the same plan reaches R = {with_interval(figure)} on {power.reference.words}. A PASS needs "
            f"{share(power.needed)}."
        ),
    ]
