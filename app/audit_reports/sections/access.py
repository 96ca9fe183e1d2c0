"""Sections 2 and 3: what the attacker has, and the means that the audit used."""

from app.audit_reports.blocks import Column, Kind, Pairs, Part, Section, Table, Text
from app.audit_reports.facts import Facts
from app.audit_reports.rows import NONE, measured, yes
from app.contract.shares import exact
from app.sentences.validity import HOLDERS

MIB = 2**20
PLANNED = "Nothing was attacked. Attacks and queries are those of the plan."
LEVELS = {
    "verified": "verified: the reconstructions were compared with private images by independent verifiers.",
    "evaluator": "evaluator: one uncalibrated classifier judged the reconstructions. This can never give a PASS.",
    "unreferenced": "unreferenced: the reconstructions were not compared with private images.",
}


def threat_model(facts: Facts) -> Section:
    """Return who could attack, and whether such an attacker was tested."""
    result = facts.result
    plan = result.release_plan
    held = f"{HOLDERS[plan]} ({plan})" if plan else "not declared"
    pairs: list[tuple[str, str, Kind]] = [
        ("Release plan", held, "text"),
        ("Severity", result.severity or NONE, "text"),
        ("Evidence level", LEVELS[result.evidence_level], "text"),
    ]
    columns = [Column("Access"), Column("The attacker has"), Column("Tested"), Column("Attacks"), Column("R", "number")]
    rows = [
        [
            *(one.access, one.needs, yes(one.tested), "; ".join(one.attacks) or NONE),
            *(*measured(one.risk), one.severity or NONE),
        ]
        for one in result.threat_models
    ]
    columns += [Column("95 % interval", "number"), Column("n", "number"), Column("Severity")]
    notes = [Text(result.severity_note, "note")] if result.severity_note else []
    return Section(
        "2", "Threat model and access", [Pairs(pairs), *notes, Table("Attackers by their access", columns, rows)]
    )


def means(facts: Facts) -> Section:
    """Return the attacks, their cost, and the public data."""
    return Section(
        "3",
        "Means considered and budgets",
        [
            *([Text(PLANNED, "lead")] if facts.result.stopped else []),
            Text("In section 9, budget refers to these means: compute, queries, public data and time.", "note"),
        ],
        [
            Part("Attacks", [_attacks(facts)]),
            Part("Compute and queries", [Pairs(_cost(facts)), _stages(facts)]),
            Part("Public data", [Text(_public(facts))]),
            Part("Thresholds", [Pairs(_thresholds(facts))]),
        ],
    )


def _attacks(facts: Facts) -> Table:
    columns = [Column("Attack"), Column("Generator"), Column("Steps", "number"), Column("Restarts", "number")]
    rows = [
        [one.label, one.prior_kind, f"{one.steps:,}", f"{one.restarts:,}", f"{one.minutes:,.1f}"]
        for one in facts.result.attacks
    ]
    return Table("", [*columns, Column("Minutes", "number")], rows)


def _cost(facts: Facts) -> list[tuple[str, str, Kind]]:
    cost, one = facts.result.cost, facts.noun.one
    return [
        ("Steps for a reconstruction, mean", f"{cost.steps_per_reconstruction:,}", "number"),
        (f"Reconstructions of each {one}", f"{cost.reconstructions_per_identity:,}", "number"),
        (f"Gradient queries for each {one}", f"{cost.gradient_queries_per_identity:,}", "number"),
        ("Computing time of the attack", f"{cost.device_minutes:,.1f} minutes", "number"),
    ]


def _stages(facts: Facts) -> Table:
    columns = [Column("Stage"), Column("Seconds", "number"), Column("Peak memory, MiB", "number")]
    rows = [
        [one.stage, f"{one.seconds:,.1f}", f"{one.peak_memory_bytes / MIB:,.0f}" if one.peak_memory_bytes else NONE]
        for one in facts.result.stages
    ]
    return Table("Time and memory by stage", columns, rows)


def _public(facts: Facts) -> str:
    found, dirty = facts.audit.public_dataset, facts.result.contamination
    images = "an unknown number of" if found.images is None else f"{found.images:,}"
    compared = (
        f"Private images among them were left out: {dirty.exact:,} exact copies, {dirty.near:,} near copies and "
        f"{dirty.alike:,} that look alike."
        if dirty.compared
        else "They were not compared with the private images."
    )
    given = "would have been" if facts.result.stopped else "was"
    return f"The attacker {given} given {images} public images ({found.name}). {compared}"


def _thresholds(facts: Facts) -> list[tuple[str, str, Kind]]:
    plan = facts.audit.plan
    return [
        ("Largest R for a PASS", exact(facts.result.budget), "number"),
        ("Confidence of each one-sided bound", exact(plan.confidence), "number"),
        ("Effort", plan.effort, "text"),
        ("How attacks combine", plan.combination, "text"),
    ]
