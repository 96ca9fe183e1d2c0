"""Estimates of the cost of an audit and of what it can conclude, made before it starts."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.inputs import Inputs
from app.audits.learned import stage_seconds
from app.audits.missing_verifiers import missing_verifiers
from app.audits.schemas import Estimate
from app.contract.attack_labels import attack_label
from app.contract.plan import Plan
from app.contract.result import Result
from app.db.models import Audit, Job
from app.db.states import AuditState
from app.jobs.dispatch import payloads
from app.jobs.stages import AUDIT_STAGES
from app.sentences.estimate import conclusions
from app.sufficiency.deciding import Known
from app.sufficiency.evidence_needed import Sensitivity

RECENT = 20


async def estimate(session: AsyncSession, inputs: Inputs, plan: Plan) -> Estimate:
    """Return seconds per stage on one worker, the peak memory so far and possible conclusions."""
    stages: dict[str, float] = {}
    measured = False
    for stage in AUDIT_STAGES:
        if not payloads(plan, stage):
            continue
        seconds, from_audits = await stage_seconds(session, inputs, plan, stage)
        stages[stage.value] = round(seconds, 1)
        measured = measured or from_audits
    peak = select(func.max(Job.peak_memory_bytes)).where(Job.project_id == inputs.release.project_id)
    before = known(inputs, plan, await measured_sensitivity(session, inputs, plan))
    unproven = before.sensitivity is None and not plan.verifiers_chosen
    return Estimate(
        seconds=round(sum(stages.values()), 1),
        stages=stages,
        memory_bytes=(await session.execute(peak)).scalar_one_or_none(),
        setting=plan.attacks[0].setting,
        prior=plan.attacks[0].prior,
        attacks=[attack_label(one.name, one.setting, one.prior) for one in plan.attacks],
        identities=len(plan.identities),
        measured=measured,
        missing_verifiers=await missing_verifiers(session, inputs),
        concludes=[*conclusions(before, inputs.release.classes_are, unproven=unproven), *inputs.notes],
    )


async def measured_sensitivity(session: AsyncSession, inputs: Inputs, plan: Plan) -> Sensitivity | None:
    """Return how often these verifiers recognised real images of this private set.

    The newest audit that measured it decides. None if there is none.
    """
    if inputs.private is None:
        return None
    statement = (
        select(Audit.plan, Audit.result)
        .where(
            Audit.project_id == inputs.release.project_id,
            Audit.private_dataset_id == inputs.private.id,
            Audit.state == AuditState.SUCCEEDED,
            Audit.evidence_level == "verified",
            Audit.result.is_not(None),
        )
        .order_by(Audit.created_at.desc())
        .limit(RECENT)
    )
    judges = digests(plan)
    for earlier, result in (await session.execute(statement)).all():
        if digests(Plan.load(earlier)) == judges and (found := sensitivity_of(Result.load(result))) is not None:
            return found
    return None


def sensitivity_of(result: Result) -> Sensitivity | None:
    """Return how often the verifiers of a finished audit recognised real images.

    None where it was not measured.
    """
    if result.risk is None or result.risk.correction is None:
        return None
    correction = result.risk.correction
    figure = correction.figures.get("sensitivity", result.risk)  # without an interval n is that of the risk
    return Sensitivity(correction.sensitivity, figure.n)


def digests(plan: Plan) -> set[str]:
    """Return the digests of the verifiers that a plan names."""
    return {verifier.digest for verifier in plan.verifiers or []}


def known(inputs: Inputs, plan: Plan, sensitivity: Sensitivity | None) -> Known:
    """Return what is known before the start."""
    return Known(
        classes=len(inputs.release.classes),
        referenced=len(inputs.candidates) if inputs.private is not None else 0,
        audited=len(plan.identities),
        budget=plan.budget,
        references=inputs.private is not None,
        verifiers=len(inputs.verifiers),
        sensitivity=sensitivity,
    )
