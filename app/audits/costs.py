"""Seconds per stage: from this project's earlier audits, else from what the benchmark's machine needed."""

from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audits.inputs import Inputs
from app.audits.priors import bundled_priors
from app.db.models import Audit, Job, Release
from app.jobs.stages import Stage
from app.jobs.states import JobState

RECENT = 20
REFERENCE_IDENTITIES = 16  # of the model known to leak, attacked by the same plan
REUSED = 1.0
STUDENT_SHARE = 0.16  # of a step's time that each student adds to target, generator and critic
# Seconds per unit of work (see `units`) for 32x32 images on two cores (bench/README.md).
FIRST_GUESS: dict[Stage, float] = {
    Stage.PREPARE: 6.0,
    Stage.PRIOR: 1000.0,
    Stage.STUDENTS: 20.0,
    Stage.ATTACK: 0.0015,
    Stage.CONTROLS: 0.05,
    Stage.VERIFY: 0.5,
    Stage.POWER: 0.0015,
    Stage.SCORE: 2.0,
}
PCA_SECONDS = 12.0  # of a fit to 10,000 images of 32x32
STUDENT_IMAGES = 3040  # public images that the guess for a student was measured with
LARGE_STUDENT_SECONDS = 0.14  # of an image of 64x64 in the distillation of an EfficientNet, the student above 32 pixels
EMBEDDING_SECONDS = 0.01  # of an image of 64x64 by an uploaded verifier, which has one thread
SHORTLIST = 16 * 8  # public images of an identity that are looked at again, and their views
GROWS_WITH_PIXELS = {Stage.PRIOR, Stage.STUDENTS, Stage.ATTACK, Stage.POWER}


def images_a_step(attack: str, restarts: int) -> float:
    """Images that an identity costs in a step: one per restart, but one draw (kedmi) or four (vmi) of its distribution,
    and pixels without generator and critic (miface)."""
    return {"kedmi": 1.0, "vmi": 4.0, "miface": 0.6 * restarts}.get(attack, float(restarts))


def units(stage: Stage, plan: dict[str, Any], identities: int) -> float:
    """How much work a stage is: its seconds grow with this."""
    if stage in {Stage.ATTACK, Stage.POWER}:
        identities = REFERENCE_IDENTITIES if stage is Stage.POWER else identities
        steps = identities * images_a_step(plan["attack"], int(plan["restarts"])) * int(plan["steps"])
        return steps * (1 + STUDENT_SHARE * int(plan["students"]))
    if stage is Stage.STUDENTS:
        return float(plan["students"])
    return float(identities) if stage in {Stage.CONTROLS, Stage.VERIFY} else 1.0


def prior_kind(plan: dict[str, Any]) -> str:
    """The kind of prior that the plan's attack searches; plans from before there was a choice name none."""
    return str(plan.get("prior_kind", "wgan-gp"))


async def stage_seconds(
    session: AsyncSession, inputs: Inputs, plan: dict[str, Any], stage: Stage
) -> tuple[float, bool]:
    """Seconds of a stage on one worker, and whether earlier audits say so."""
    shipped = plan.get("prior") == "built-in" or (inputs.public.images_digest, prior_kind(plan)) in bundled_priors()
    if stage is Stage.PRIOR and shipped:
        return REUSED, False
    work = units(stage, plan, len(plan["identities"]))
    if work and stage in {Stage.PRIOR, Stage.STUDENTS} and await _made_before(session, inputs, plan, stage):
        return REUSED, True
    rate = await _measured_rate(session, inputs, stage)
    if rate is not None:
        return rate * work, True
    if stage is Stage.STUDENTS:
        return work * student_seconds(inputs), False
    pixels = _pixels(inputs)
    guess = PCA_SECONDS if stage is Stage.PRIOR and prior_kind(plan) == "pca" else FIRST_GUESS[stage]
    seconds = guess * work * (pixels if stage in GROWS_WITH_PIXELS else 1.0)
    if stage is Stage.POWER and pixels > 1:  # no reference is shipped above 32 pixels: it needs students of its own
        seconds += plan["students"] * student_seconds(inputs)
    if stage is Stage.CONTROLS:
        seconds += control_seconds(inputs, len(plan["identities"]))
    return seconds + embedding_seconds(inputs, stage), False


def student_seconds(inputs: Inputs) -> float:
    """Seconds to distil one student on the public images, three small networks up to 32 pixels, EfficientNets above."""
    images, pixels = inputs.public.images or STUDENT_IMAGES, _pixels(inputs)
    return images * (LARGE_STUDENT_SECONDS * pixels / 4 if pixels > 1 else FIRST_GUESS[Stage.STUDENTS] / STUDENT_IMAGES)


def control_seconds(inputs: Inputs, identities: int) -> float:
    """Seconds in which the target looks at every public image once, and at the best of each identity in several views.

    An image is a third of a step of the attack's: there is no way back, and no generator."""
    return FIRST_GUESS[Stage.ATTACK] / 3 * _pixels(inputs) * ((inputs.public.images or 0) + SHORTLIST * identities)


def embedding_seconds(inputs: Inputs, stage: Stage) -> float:
    """Seconds for which uploaded verifiers look at the private images, and, for contamination, at the public ones."""
    uploaded = sum(verifier.source == "uploaded" for verifier in inputs.verifiers)
    if inputs.private is None or stage not in {Stage.PREPARE, Stage.VERIFY}:
        return 0.0
    images = (inputs.private.images or 0) + ((inputs.public.images or 0) if stage is Stage.PREPARE else 0)
    return EMBEDDING_SECONDS * uploaded * images * _pixels(inputs) / 4


def _pixels(inputs: Inputs) -> float:
    """Pixels of an image, in those of one of 32x32."""
    return (inputs.public.height or 32) * (inputs.public.width or 32) / 1024


async def _made_before(session: AsyncSession, inputs: Inputs, plan: dict[str, Any], stage: Stage) -> bool:
    """True when an earlier audit has made what this stage needs: a prior of these images, students of this release."""
    same = [Audit.public_dataset_id == inputs.public.id, Job.stage == stage, Job.state == JobState.SUCCEEDED]
    if stage is Stage.PRIOR:
        same.append(func.coalesce(Audit.plan["prior_kind"].as_string(), "wgan-gp") == prior_kind(plan))
        if prior_kind(plan) == "kedmi":  # it has learned the answers of one release
            same.append(Audit.release_id == inputs.release.id)
    if stage is Stage.STUDENTS:
        same.append(Audit.release_id == inputs.release.id)
        same.append(Audit.plan["students"].as_integer() == plan["students"])
    statement = select(Job.id).join(Audit, Audit.id == Job.audit_id).where(*same).limit(1)
    return (await session.execute(statement)).first() is not None


async def _measured_rate(session: AsyncSession, inputs: Inputs, stage: Stage) -> float | None:
    """Median seconds per unit of this stage in the project's recent audits of images of this size."""
    if stage in {Stage.PRIOR, Stage.STUDENTS}:
        return None  # made once: an earlier time was of other images, or of finding them made
    convention = inputs.release.convention
    statement = (
        select(func.extract("epoch", Job.finished_at - Job.started_at), Audit.plan, Job.payload, Release.convention)
        .join(Audit, Audit.id == Job.audit_id)
        .join(Release, Release.id == Audit.release_id)
        .where(Job.project_id == inputs.release.project_id, Job.stage == stage, Job.state == JobState.SUCCEEDED)
        .order_by(Job.finished_at.desc())
        .limit(RECENT)
    )
    rates = []
    for took, plan, payload, other in (await session.execute(statement)).all():
        work = units(stage, plan, len(payload.get("identities", plan["identities"])))
        if work and all(other[side] == convention[side] for side in ("height", "width")):
            rates.append(float(took) / work)
    return median(rates) if rates else None
