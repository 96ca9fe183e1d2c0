"""Seconds of a stage, estimated from the measured seconds of this project's earlier audits."""

from statistics import median
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.audits.costs import (
    Sizes,
    expected_seconds,
    prior_seconds,
    refits_seconds,
    relearned,
    student_seconds,
    work_seconds,
)
from app.audits.inputs import Inputs
from app.audits.priors import bundled_priors
from app.audits.reuse import ReuseKey, reuse_key
from app.contract.choices import PriorKind
from app.contract.examination import Examination
from app.contract.plan import Plan
from app.db.models import Audit, Dataset, Job, Release
from app.db.states import JobState
from app.jobs.dispatch import payloads
from app.jobs.stages import SEARCHES, Stage

RECENT, MANY = 20, 200
REUSED = 1.0
DONE = (Job.state == JobState.SUCCEEDED, Job.result["skipped"].as_string().is_(None))
"""Jobs that did their work.

An audit that is stopped before the attack skips the stages that spend compute.
"""


async def stage_seconds(session: AsyncSession, inputs: Inputs, plan: Plan, stage: Stage) -> tuple[float, bool]:
    """Return the seconds of a stage on one worker, and whether they come from earlier audits."""
    if stage in {Stage.PRIOR, Stage.STUDENTS}:
        return await _making_seconds(session, inputs, plan, stage)
    shards = payloads(plan, stage)
    identities = len({one for shard in shards for one in shard.get("identities", plan.identities)})
    private = inputs.private.id if inputs.private is not None else None
    sizes = sizes_of(inputs, plan)
    key = reuse_key(
        stage, plan, release=inputs.release.id, public=inputs.public.id, private=private, shipped=sizes.shipped
    )
    measured, reused = await _measured(session, inputs, stage, key)
    now = work_seconds(stage, plan, identities, sizes, reused=reused)
    if measured:
        return median(relearned(took, work, now, len(shards)) for took, work in measured), True
    return expected_seconds(stage, plan, identities, sizes, reused=reused, jobs=len(shards)), False


def sizes_of(inputs: Inputs, plan: Plan) -> Sizes:
    """Return the quantities that the cost of this audit grows with."""
    private = inputs.private.images if inputs.private is not None else None
    release, public = inputs.release, inputs.public
    return _sizes(
        plan, release.convention, release.examination, public.images, private, images_digest=public.images_digest
    )


def _sizes(
    plan: Plan,
    convention: dict[str, Any],
    examination: dict[str, Any] | None,
    public: int | None,
    private: int | None,
    *,
    images_digest: str | None,
) -> Sizes:
    pixels = int(convention["height"]) * int(convention["width"]) / 1024
    uploaded = sum(verifier.source == "uploaded" for verifier in plan.verifiers or [])
    return Sizes(
        pixels=pixels,
        multiply_adds=Examination.model_validate(examination).multiply_adds if examination else None,
        public=public or 0,
        private=private or 0,
        uploaded=uploaded if private is not None else 0,
        shipped=_has_shipped_reference(plan, images_digest, pixels),
    )


async def _making_seconds(session: AsyncSession, inputs: Inputs, plan: Plan, stage: Stage) -> tuple[float, bool]:
    """Return the seconds to make each prior, or each number of students, that does not exist.

    Also return whether an earlier audit made one of them.
    """
    sizes, total, known = sizes_of(inputs, plan), 0.0, False
    for makes in sorted(_makes(plan, stage)):
        if isinstance(makes, str) and (inputs.public.images_digest, makes) in bundled_priors():
            total += REUSED
        elif await _made_before(session, inputs, makes, stage):
            total, known = total + REUSED, True
        else:
            total += makes * student_seconds(sizes) if isinstance(makes, int) else prior_seconds(makes, sizes)
    if stage is Stage.PRIOR:
        total += REUSED * any(attack.prior == "built-in" for attack in plan.attacks)
        total += refits_seconds(plan, sizes)
    return total, known


async def _made_before(session: AsyncSession, inputs: Inputs, makes: PriorKind | int, stage: Stage) -> bool:
    """Return whether an earlier audit made this prior, or the students of this release."""
    done = [Audit.public_dataset_id == inputs.public.id, Job.stage == stage, *DONE]
    if stage is Stage.STUDENTS or makes == "kedmi":  # a KEDMI prior was trained with the answers of one release
        done.append(Audit.release_id == inputs.release.id)
    statement = select(Audit.plan).join(Job, Audit.id == Job.audit_id).where(*done)
    earlier = (await session.execute(statement.order_by(Job.finished_at.desc()).limit(MANY))).scalars()
    return any(makes in _makes(Plan.load(stored), stage) for stored in earlier)


def _makes(plan: Plan, stage: Stage) -> set[PriorKind] | set[int]:
    """Return the kinds of prior, or the numbers of students, that an audit makes."""
    if stage is Stage.STUDENTS:
        return {attack.students for attack in plan.attacks if attack.students}
    return {attack.prior_kind for attack in plan.attacks if attack.prior != "built-in"}


def _has_shipped_reference(plan: Plan, images_digest: str | None, pixels: float) -> bool:
    """Return whether the power of these attacks is measured on the shipped reference model.

    It is shipped for the priors of 32x32 pixels.
    """
    known = {kind for digest, kind in bundled_priors() if digest == images_digest}
    return pixels <= 1 and any(one.prior == "built-in" or one.prior_kind in known for one in plan.attacks)


async def _measured(
    session: AsyncSession, inputs: Inputs, stage: Stage, key: ReuseKey | None
) -> tuple[list[tuple[float, float]], bool]:
    """Return the seconds that earlier jobs took and their expected work, and if `key` was seen.

    Only recent audits of this project with images of this size count. If this audit will reuse an
    earlier result, those that did count, and the others otherwise. Without any, all count.
    """
    stages = SEARCHES if stage in SEARCHES else {stage}
    public, private, convention = aliased(Dataset), aliased(Dataset), inputs.release.convention
    took = func.extract("epoch", Job.finished_at - Job.started_at)
    statement = (
        select(
            *(took, Audit.plan, Job.payload, Release.id, public.id, private.id),
            *(Release.convention, Release.examination, public.images, private.images, public.images_digest),
        )
        .join(Audit, Audit.id == Job.audit_id)
        .join(Release, Release.id == Audit.release_id)
        .join(public, public.id == Audit.public_dataset_id)
        .outerjoin(private, private.id == Audit.private_dataset_id)
        .where(Job.project_id == inputs.release.project_id, Job.stage.in_(stages), *DONE)
        .order_by(Job.finished_at.desc())
        .limit(RECENT if key is None else MANY)
    )
    if stage is Stage.PREPARE:  # without a references job, prepare did the work of both
        both = aliased(Job)
        statement = statement.where(exists().where(both.audit_id == Job.audit_id, both.stage == Stage.REFERENCES))
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    seen: set[ReuseKey | None] = set()
    for seconds, stored, payload, *ids, other, examined, images, references, digest in reversed(
        (await session.execute(statement)).all()
    ):
        plan = Plan.load(stored)
        sizes = _sizes(plan, other, examined, images, references, images_digest=digest)
        made = reuse_key(stage, plan, release=ids[0], public=ids[1], private=ids[2], shipped=sizes.shipped)
        reused = made is not None and made in seen
        seen.add(made)
        if all(other[side] == convention[side] for side in ("height", "width")):
            if stage in SEARCHES:  # a shard belongs to one attack
                plan = plan.model_copy(update={"attacks": [plan.attacks[payload.get("attack", 0)]]})
            identities = len(payload.get("identities", plan.identities))
            found[reused].append((float(seconds), work_seconds(stage, plan, identities, sizes, reused=reused)))
    known = key is not None and key in seen
    return (found[known] or found[not known])[-RECENT:], known
