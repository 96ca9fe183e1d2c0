"""Costs of an audit: seconds and memory of each stage, and the effort of an attacker."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contract.engine import refit_steps
from app.contract.result.record import Cost, StageCost
from app.db.models import Job
from app.jobs.stages import SEARCHES
from worker.evidence.earlier import of_attack
from worker.evidence.inputs import AuditInputs
from worker.evidence.plan import attack_config


@dataclass(frozen=True)
class FinishedJob:
    """What a finished job cost and the hardware that it ran on.

    Of a shard, also its attack, and how well gradients follow the prior (`tangent_alignment`).
    """

    stage: str
    seconds: float
    peak_memory_bytes: int | None
    hardware: dict[str, Any] | None
    attack: int
    alignment: Sequence[float] = ()


def finished_jobs(session: Session, inputs: AuditInputs) -> list[FinishedJob]:
    """Return the finished jobs of the audit in the order of their start."""
    statement = select(Job).where(Job.audit_id == inputs.audit_id, Job.finished_at.is_not(None))
    return [
        FinishedJob(
            stage=job.stage,
            seconds=(job.finished_at - job.started_at).total_seconds(),
            peak_memory_bytes=job.peak_memory_bytes,
            hardware=(job.result or {}).get("hardware"),
            attack=job.payload.get("attack", 0),
            alignment=(job.result or {}).get("alignment", ()),
        )
        for job in session.execute(statement.order_by(Job.started_at)).scalars()
        if job.finished_at and job.started_at
    ]


def cost(inputs: AuditInputs, jobs: list[FinishedJob], prior: dict[str, Any]) -> Cost:
    """Return the cost of reaching this R for an attacker.

    The steps of a domain refit are shared by all attacked identities and by the attacks that use
    it.

    Args:
        prior: result of the prior stage, which says how many rounds each refit made.
    """
    attacks, classes = inputs.plan.attacks, len(inputs.classes)
    searches, queries = sum(a.restarts for a in attacks), sum(a.steps * a.restarts for a in attacks)
    made = {
        refit["key"]: refit_steps(attack.prior_kind, classes, rounds=len(refit["moved"]))
        for number, attack in enumerate(attacks)
        if (refit := of_attack(prior, number).get("refit"))
    }
    return Cost(
        steps_per_reconstruction=-(-queries // searches),
        reconstructions_per_identity=searches + sum(attack_config(a).selection == "consensus" for a in attacks),
        gradient_queries_per_identity=queries + math.ceil(sum(made.values()) / len(inputs.identities)),
        device_minutes=sum(job.seconds for job in jobs if job.stage in SEARCHES) / 60,
    )


def stage_costs(jobs: list[FinishedJob]) -> list[StageCost]:
    """Return total seconds and peak memory of each stage, in order of their start."""
    seconds: dict[str, float] = defaultdict(float)
    peak: dict[str, int] = defaultdict(int)
    for job in jobs:
        seconds[job.stage] += job.seconds
        peak[job.stage] = max(peak[job.stage], job.peak_memory_bytes or 0)
    return [StageCost(stage=stage, seconds=seconds[stage], peak_memory_bytes=peak[stage] or None) for stage in seconds]
