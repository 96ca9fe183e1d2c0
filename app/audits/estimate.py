"""What an audit will cost and what it will be able to conclude, told before it starts."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.inputs import Inputs
from app.audits.learned import stage_seconds
from app.audits.plan import identities_needed, zero_hit_bound
from app.audits.schemas import Estimate
from app.db.models import Job
from app.jobs.stages import AUDIT_STAGES


async def estimate(session: AsyncSession, inputs: Inputs, plan: dict[str, Any]) -> Estimate:
    """Seconds per stage on one worker, peak memory so far, and what can come out."""
    stages: dict[str, float] = {}
    measured = False
    for stage in AUDIT_STAGES:
        seconds, from_audits = await stage_seconds(session, inputs, plan, stage)
        stages[stage.value] = round(seconds, 1)
        measured = measured or from_audits
    peak = select(func.max(Job.peak_memory_bytes)).where(Job.project_id == inputs.release.project_id)
    return Estimate(
        seconds=round(sum(stages.values()), 1),
        stages=stages,
        memory_bytes=(await session.execute(peak)).scalar_one_or_none(),
        setting=plan["setting"],
        prior=plan["prior"],
        identities=len(plan["identities"]),
        measured=measured,
        concludes=[*conclusions(inputs, plan), *inputs.notes],
    )


def conclusions(inputs: Inputs, plan: dict[str, Any]) -> list[str]:
    """What this audit can and can't say, in words."""
    count, budget = len(plan["identities"]), float(plan["budget"])
    if inputs.private is None:
        return [
            "Without private images nothing can be verified: the verdict will be INCONCLUSIVE.",
            "It will show reconstructions, the target's confidence in them, and the overfitting gap.",
        ]
    if len(inputs.verifiers) < 2:
        return [
            f"{len(inputs.verifiers)} verifiers judge these images, two are needed: nothing can be verified.",
            "The evaluator alone decides, uncalibrated: the verdict can be FAIL or INCONCLUSIVE, never PASS.",
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
