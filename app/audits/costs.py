"""Estimated seconds of the stages of an audit on two ordinary cores.

They are used until audits of the project have been measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.contract.choices import PriorChoice, PriorKind
from app.contract.engine import (
    CONVENTION_SAMPLE,
    EVALUATOR_EPOCHS,
    MORE_REFERENCE_IDENTITIES,
    OTHER_CONVENTIONS,
    REFERENCE_EPOCHS,
    REFERENCE_IDENTITIES,
    REFIT,
    SHORTLIST,
    VIEWS,
    VIEWS_OF,
    WITH_DECODER,
    Views,
    images_a_step,
    refit_steps,
)
from app.contract.plan import Plan, PlannedAttack
from app.contract.speed import forward_seconds, step_seconds
from app.jobs.stages import Stage

START_SECONDS = 2.0  # of every job: its process, and the files that it opens
PCA_SECONDS = 12.0 / 10_000  # per public image of 32x32 of a fit
TRAINING_SECONDS = 1000.0  # for any other prior for 32x32
STUDENT_IMAGE_SECONDS = 20 / 3040  # per public image, to distil a student for up to 32 pixels
LARGE_STUDENT_SECONDS = 0.14 / 4  # the same for an EfficientNet, the student above 32 pixels, per 32x32 pixels
EMBEDDING_SECONDS = 0.01 / 4  # per image of 32x32, by an uploaded verifier, which has one thread
CLASSIFIER_SECONDS = 0.0007  # per private image of 32x32 and epoch of a small classifier
VERIFY_SECONDS = 0.1  # per identity, to judge its reconstructions
MIFACE_SHARE = 0.6  # of another attack's step, because miface has no generator and critic


@dataclass(frozen=True)
class Sizes:
    """Quantities that the cost of an audit grows with.

    Attributes:
        pixels: pixels of an image, divided by those of a 32x32 image.
        multiply_adds: those of a forward pass of the target for one image. None if not counted.
        public, private: numbers of images of the two data sets.
        uploaded: number of verifiers that are not bundled.
        shipped: the power is measured on the shipped reference model, and not on one that is
            trained on the private images.
    """

    pixels: float
    multiply_adds: int | None
    public: int
    private: int
    uploaded: int
    shipped: bool = False


def expected_seconds(
    stage: Stage, plan: Plan, identities: int, sizes: Sizes, *, reused: bool = False, jobs: int = 1
) -> float:
    """Return the seconds of a stage of this many jobs, with their starts."""
    return jobs * START_SECONDS + work_seconds(stage, plan, identities, sizes, reused=reused)


def work_seconds(stage: Stage, plan: Plan, identities: int, sizes: Sizes, *, reused: bool = False) -> float:
    """Return the seconds of a stage for this many identities of the plan, without its start.

    Args:
        reused: an earlier audit has made what this stage makes once (`app.audits.reuse`).
    """
    anew = not reused
    forward = forward_seconds(sizes.pixels, sizes.multiply_adds)
    seconds = 0.0
    match stage:
        case Stage.REFERENCES if sizes.private:
            passes = sizes.private + OTHER_CONVENTIONS * min(CONVENTION_SAMPLE, sizes.private)
            seconds = 4.0 + forward * passes + embedding_seconds(sizes, anew * sizes.public + sizes.private)
        case Stage.PREPARE:
            seconds = anew * forward * sizes.public
        case Stage.PRIOR:
            seconds = sum(prior_seconds(kind, sizes) for kind in {attack.prior_kind for attack in plan.attacks})
            seconds += refits_seconds(plan, sizes)
        case Stage.STUDENTS:
            seconds = sum({attack.students for attack in plan.attacks}) * student_seconds(sizes)
        case Stage.ATTACK | Stage.ATTACK_REST:
            seconds = sum(search_seconds(attack, identities, sizes) for attack in plan.attacks)
        case Stage.CONTROLS:
            views = sum(views_of(attack).of_result or VIEWS for attack in plan.attacks)
            seconds = 0.05 * identities + forward * (sizes.public + SHORTLIST * views * identities)
            seconds += own_prior_seconds(plan, sizes) if plan.twin is not None else 0.0
        case Stage.VERIFY | Stage.LOOK:
            seconds = VERIFY_SECONDS * identities + embedding_seconds(sizes, sizes.private)
            seconds += anew * classifier_seconds(sizes, EVALUATOR_EPOCHS)
        case Stage.POWER if anew:
            small = replace(sizes, multiply_adds=None)
            reference = REFERENCE_IDENTITIES if sizes.pixels <= 1 else MORE_REFERENCE_IDENTITIES
            seconds = sum(search_seconds(attack, reference, small) for attack in plan.attacks)
            seconds += refits_seconds(plan, small)
            seconds += own_prior_seconds(plan, sizes) + VERIFY_SECONDS * reference
            if sizes.private and not sizes.shipped:  # train a reference model with its own students
                seconds += classifier_seconds(sizes, REFERENCE_EPOCHS)
                seconds += sum({attack.students for attack in plan.attacks}) * student_seconds(sizes)
    return seconds


def prior_seconds(kind: str, sizes: Sizes) -> float:
    """Return the seconds to make a prior of this kind."""
    return sizes.pixels * (PCA_SECONDS * sizes.public if kind == "pca" else TRAINING_SECONDS)


def relearned(took: float, work: float, now: float, jobs: int) -> float:
    """Return the seconds of a stage, scaled from those that a job with other work took.

    The start of a job does not grow with its work. A job that took less than expected had less of
    both.

    Args:
        took: the seconds of that job.
        work, now: its expected seconds without its start, and those of the stage.
        jobs: of the stage.
    """
    ratio = took / (START_SECONDS + work)
    if ratio <= 1 or not work:
        return ratio * (jobs * START_SECONDS + now)
    return jobs * START_SECONDS + now * (took - START_SECONDS) / work


def own_prior_seconds(plan: Plan, sizes: Sizes) -> float:
    """Return the seconds to make the priors that learn the answers of a twin or a reference."""
    return sum(prior_seconds(kind, sizes) for kind in {attack.prior_kind for attack in plan.attacks} & {"kedmi"})


def refits_seconds(plan: Plan, sizes: Sizes) -> float:
    """Return the seconds to fit the decoder, and to refit a linear prior, for the attacks that do.

    Attacks with the same prior and the same loss of the target share them.
    """
    work, seconds = (sizes.pixels, sizes.multiply_adds), 0.0
    for kind, _, _ in sorted(refits(plan.attacks)):
        rows = refit_steps(kind, plan.identity_sample.of)
        images = (1 + (REFIT.rounds if rows else 0)) * min(REFIT.images, sizes.public)
        seconds += rows * step_seconds(*work, 0, kind, 1) + images * forward_seconds(*work)
    return seconds


def refits(attacks: Sequence[PlannedAttack]) -> set[tuple[PriorKind, PriorChoice, str]]:
    """Return kind and choice of prior, and setting without students, of each refit."""
    return {
        (attack.prior_kind, attack.prior, "lom" if attack.setting.startswith("lom") else "baseline")
        for attack in attacks
        if attack.name in WITH_DECODER
    }


def search_seconds(attack: PlannedAttack, identities: int, sizes: Sizes) -> float:
    """Return the seconds of an attack on this many identities."""
    images = identities * images_a_step(attack.name, attack.restarts) * attack.steps
    share = MIFACE_SHARE if attack.name == "miface" else 1.0
    work = sizes.pixels, sizes.multiply_adds
    steps = share * images * step_seconds(*work, attack.students, attack.prior_kind, views_of(attack).a_step)
    starts = math.ceil(identities / attack.shard_size) * views_of(attack).of_starts
    return steps + (starts + identities * attack.restarts * views_of(attack).of_result) * forward_seconds(*work)


def views_of(attack: PlannedAttack) -> Views:
    return VIEWS_OF.get(attack.name, Views())


def student_seconds(sizes: Sizes) -> float:
    """Return the seconds to distil one student.

    Students are small networks up to 32 pixels and EfficientNets above.
    """
    each = STUDENT_IMAGE_SECONDS if sizes.pixels <= 1 else LARGE_STUDENT_SECONDS
    return sizes.public * sizes.pixels * each


def embedding_seconds(sizes: Sizes, images: int) -> float:
    """Return the seconds in which the uploaded verifiers embed this many images."""
    return EMBEDDING_SECONDS * sizes.uploaded * images * sizes.pixels


def classifier_seconds(sizes: Sizes, epochs: int) -> float:
    """Return the seconds to train a small classifier on the private images.

    The evaluator is one, and so is a reference model of the power check.
    """
    return epochs * sizes.private * sizes.pixels * CLASSIFIER_SECONDS
