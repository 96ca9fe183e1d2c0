"""The attacks of an audit for the result document, each as if it had been the only one."""

from typing import Any

import numpy as np

from app.contract.attack_labels import attack_label
from app.contract.nouns import Noun
from app.contract.result.attacks import AttackReading
from app.contract.result.base import Figure
from app.contract.result.risk import BoundedRisk
from app.jobs.stages import SEARCHES
from worker.evaluation.portfolio import common_error, risk_of
from worker.evaluation.risk import Risk
from worker.evaluation.score import Score, evaluator_risk
from worker.evaluation.statistics import mean, share
from worker.evidence.earlier import of_attack
from worker.evidence.findings import Findings, OfAttack
from worker.evidence.inputs import AuditInputs
from worker.report.costs import FinishedJob

SHOWN = ("name", "setting", "prior", "prior_kind", "steps", "restarts")


def attacks(
    inputs: AuditInputs,
    found: dict[str, dict[str, Any]],
    findings: Findings,
    scored: Score,
    *,
    jobs: list[FinishedJob],
    noun: Noun,
) -> list[AttackReading]:
    """Return what each attack found, and whom it adds to those before it."""
    before = np.zeros(len(findings.identities), bool)
    readings = []
    for number, planned in enumerate(inputs.plan.attacks):
        one = findings.attacks[number] if findings.attacks else only(findings)
        R = risk_alone(one, scored, inputs.plan.seed) if findings.attacks else scored.risk
        shards = [job for job in jobs if job.stage in SEARCHES and job.attack == number]
        bounds = R and {"bound_low": R.lower, "bound_high": R.upper}
        verified = scored.evidence == "verified" and share(one.recognised).to_dict()
        readings.append(
            AttackReading(
                **planned.model_dump(include=set(SHOWN)),
                label=attack_label(planned.name, planned.setting, planned.prior),
                verified=Figure.of("verified", verified, noun) if verified else None,
                risk=R and BoundedRisk.model_validate(R.R.to_dict() | (bounds or {})),
                minutes=sum(job.seconds for job in shards) / 60,
                added=None if R is None else int((one.recognised & ~before).sum()),
                alignment=alignment(shards, noun),
                prior_digest=of_attack(found["prior"], number).get("key"),
                students_digest=of_attack(found["students"], number).get("key"),
            )
        )
        before |= one.recognised
    return readings


def alignment(shards: list[FinishedJob], noun: Noun) -> Figure | None:
    """Return the mean alignment of the attack's gradients, or None where it was not measured."""
    values = [value for job in shards for value in job.alignment]
    if not values:
        return None
    return Figure.of("tangent_alignment", mean(np.array(values), within=(0.0, 1.0)).to_dict(), noun)


def only(findings: Findings) -> OfAttack:
    """Return the findings about the one attack of an audit."""
    return OfAttack(**{name: getattr(findings, name) for name in OfAttack.__dataclass_fields__})


def risk_alone(one: OfAttack, scored: Score, seed: int) -> Risk | None:
    """Return R of an attack as an audit of it alone would."""
    if scored.evidence == "verified" and one.verification is not None:
        return risk_of(one.verification, error=common_error([one.verification]), seed=seed)
    if scored.evidence == "evaluator" and one.evaluator_top5 is not None:
        return evaluator_risk(one.evaluator_top5, one.identities, seed)
    return None
