"""What an audit will cost, from earlier ones where there are any, and what it will be able to conclude."""

from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.inputs import Inputs
from app.audits.plan import identities_needed, zero_hit_bound
from app.audits.schemas import Estimate
from app.db.models import Audit, Job
from app.jobs.stages import AUDIT_STAGES, Stage
from app.jobs.states import JobState

RECENT = 20
# Seconds per unit of work (see `units`) on two cores with 32x32 images, before this project has an audit of its own.
FIRST_GUESS: dict[Stage, float] = {
    Stage.PREPARE: 4.0,
    Stage.PRIOR: 3.0,
    Stage.STUDENTS: 12.0,
    Stage.ATTACK: 0.0006,
    Stage.CONTROLS: 0.1,
    Stage.VERIFY: 0.5,
    Stage.SCORE: 1.0,
}
# What these stages do depends on the images and the network, not on the plan.
SAME_INPUTS = {Stage.PREPARE, Stage.PRIOR, Stage.STUDENTS}


def units(stage: Stage, plan: dict[str, Any], identities: int) -> float:
    """How much work a stage is: its seconds grow with this."""
    if stage is Stage.ATTACK:
        return identities * int(plan["restarts"]) * int(plan["steps"]) * (1 + int(plan["students"]))
    if stage is Stage.STUDENTS:
        return float(plan["students"])
    return float(identities) if stage in {Stage.CONTROLS, Stage.VERIFY} else 1.0


async def estimate(session: AsyncSession, inputs: Inputs, plan: dict[str, Any]) -> Estimate:
    """Seconds per stage on one worker, peak memory so far, and what can come out."""
    count = len(plan["identities"])
    stages: dict[str, float] = {}
    measured = False
    for stage in AUDIT_STAGES:
        rate = await _measured_rate(session, inputs, stage)
        measured = measured or rate is not None
        stages[stage.value] = round((FIRST_GUESS[stage] if rate is None else rate) * units(stage, plan, count), 1)
    peak = select(func.max(Job.peak_memory_bytes)).where(Job.project_id == inputs.release.project_id)
    return Estimate(
        seconds=round(sum(stages.values()), 1),
        stages=stages,
        memory_bytes=(await session.execute(peak)).scalar_one_or_none(),
        identities=count,
        measured=measured,
        concludes=conclusions(inputs, plan),
    )


async def _measured_rate(session: AsyncSession, inputs: Inputs, stage: Stage) -> float | None:
    """Median seconds per unit of this stage in the project's recent audits; None without any."""
    same: list[ColumnElement[bool]] = [Job.project_id == inputs.release.project_id]
    if stage in SAME_INPUTS:
        same += [Audit.public_dataset_id == inputs.public.id, Audit.release_id == inputs.release.id]
    seconds = func.extract("epoch", Job.finished_at - Job.started_at)
    statement = (
        select(seconds, Audit.plan, Job.payload)
        .join(Audit, Audit.id == Job.audit_id)
        .where(Job.stage == stage, Job.state == JobState.SUCCEEDED, *same)
        .order_by(Job.finished_at.desc())
        .limit(RECENT)
    )
    rates = []
    for took, plan, payload in (await session.execute(statement)).all():
        work = units(stage, plan, len(payload.get("identities", plan["identities"])))
        if work:
            rates.append(float(took) / work)
    return median(rates) if rates else None


def conclusions(inputs: Inputs, plan: dict[str, Any]) -> list[str]:
    """What this audit can and can't say, in words."""
    count, budget = len(plan["identities"]), float(plan["budget"])
    if inputs.private is None:
        return [
            "Without private images nothing can be verified: the verdict will be INCONCLUSIVE.",
            "It will show reconstructions, the target's confidence in them, and the overfitting gap.",
        ]
    bound, needed = zero_hit_bound(count), identities_needed(budget)
    told = [f"FAIL, if the share of exposed identities is shown to lie above {budget:.1%}."]
    if count >= needed:
        told.append(f"Without a hit in {count} identities the risk lies below {bound:.1%}: enough for {budget:.1%}.")
        told.append("PASS also needs a plan shown to be strong enough, and public images free of private ones.")
    else:
        told.append(
            f"Not PASS: {count} identities without a single hit bound the risk by {bound:.1%} only; "
            f"{needed} are needed for {budget:.1%}."
        )
    if count == len(inputs.release.classes):
        told.append("Every class is audited: there is no sampling error.")
    return told
