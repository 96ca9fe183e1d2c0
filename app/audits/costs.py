"""Estimated seconds of the stages of an audit on two ordinary cores.

They are used until audits of the project have been measured. `python -m bench.cost.step_cost`
prints the measured cost of a step and of a forward pass beside these estimates.
"""

import math
from dataclasses import dataclass, replace

from app.contract.engine import (
    CONVENTION_SAMPLE,
    EVALUATOR_EPOCHS,
    OTHER_CONVENTIONS,
    REFERENCE_EPOCHS,
    REFERENCE_IDENTITIES,
    SHORTLIST,
    VIEWS,
    VIEWS_OF,
    Views,
    images_a_step,
)
from app.contract.plan import Plan, PlannedAttack
from app.jobs.stages import Stage

PCA_SECONDS = 12.0  # for a fit to 10,000 images of 32x32
TRAINING_SECONDS = 1000.0  # for any other prior for 32x32
STUDENT_IMAGE_SECONDS = 20 / 3040  # per public image, to distil a student for up to 32 pixels
LARGE_STUDENT_SECONDS = 0.14 / 4  # the same for an EfficientNet, the student above 32 pixels, per 32x32 pixels
EMBEDDING_SECONDS = 0.01 / 4  # per image of 32x32, by an uploaded verifier, which has one thread
CLASSIFIER_SECONDS = 0.0007  # per private image of 32x32 and epoch of a small classifier
GENERATOR_STEP, LARGE_GENERATOR_STEP = 0.0008, 0.0022  # per 32x32 pixels, through generator and critic
STUDENT_STEP, LARGE_STUDENT_STEP = 0.00016, 0.0013  # per 32x32 pixels, through a student
LOOK = 0.00002  # per 32x32 pixels, for any network
RATE = 1.1e11  # multiply-adds of the target per second
MIFACE_SHARE = 0.6  # of another attack's step, because miface has no generator and critic
LOOKS_A_STEP = 3.0  # a forward pass and a backward pass to the image
SMALL_NETWORK = 2_700_000  # multiply-adds of a small network for 32x32, such as the reference and the small students


@dataclass(frozen=True)
class Sizes:
    """Quantities that the cost of an audit grows with.

    Attributes:
        pixels: pixels of an image, divided by those of a 32x32 image.
        multiply_adds: those of a forward pass of the target for one image. None if not counted.
        public, private: numbers of images of the two data sets.
        uploaded: number of verifiers that are not bundled.
    """

    pixels: float
    multiply_adds: int | None
    public: int
    private: int
    uploaded: int


def expected_seconds(stage: Stage, plan: Plan, identities: int, sizes: Sizes) -> float:
    """Return the seconds of a stage for this many identities of the plan, if nothing is reused."""
    look = look_seconds(sizes)
    seconds = 2.0
    match stage:
        case Stage.REFERENCES if sizes.private:
            looks = sizes.private + OTHER_CONVENTIONS * min(CONVENTION_SAMPLE, sizes.private)
            seconds = 6.0 + look * looks + embedding_seconds(sizes, sizes.public + sizes.private)
        case Stage.PREPARE:
            seconds += look * sizes.public
        case Stage.PRIOR:
            seconds = sum(prior_seconds(kind, sizes) for kind in {attack.prior_kind for attack in plan.attacks})
        case Stage.STUDENTS:
            seconds = sum({attack.students for attack in plan.attacks}) * student_seconds(sizes)
        case Stage.ATTACK:
            seconds = sum(search_seconds(attack, identities, sizes) for attack in plan.attacks)
        case Stage.CONTROLS:
            views = sum(views_of(attack).of_result or VIEWS for attack in plan.attacks)
            seconds = 0.05 * identities + look * (sizes.public + SHORTLIST * views * identities)
        case Stage.VERIFY:
            seconds = 0.1 * identities + embedding_seconds(sizes, sizes.private)
            seconds += classifier_seconds(sizes, EVALUATOR_EPOCHS)
        case Stage.POWER:
            small = replace(sizes, multiply_adds=None)
            seconds = sum(search_seconds(attack, REFERENCE_IDENTITIES, small) for attack in plan.attacks)
            if sizes.pixels > 1:  # no reference model is shipped above 32 pixels: train one with its own students
                seconds += classifier_seconds(sizes, REFERENCE_EPOCHS)
                seconds += sum({attack.students for attack in plan.attacks}) * student_seconds(sizes)
    return seconds


def prior_seconds(kind: str, sizes: Sizes) -> float:
    """Return the seconds to make a prior of this kind."""
    return sizes.pixels * (PCA_SECONDS if kind == "pca" else TRAINING_SECONDS)


def search_seconds(attack: PlannedAttack, identities: int, sizes: Sizes) -> float:
    """Return the seconds of an attack on this many identities."""
    images = identities * images_a_step(attack.name, attack.restarts) * attack.steps
    share = MIFACE_SHARE if attack.name == "miface" else 1.0
    steps = share * images * step_seconds(sizes, attack.students, attack.prior_kind, views_of(attack).a_step)
    starts = math.ceil(identities / attack.shard_size) * views_of(attack).of_starts
    return steps + (starts + identities * attack.restarts * views_of(attack).of_result) * look_seconds(sizes)


def views_of(attack: PlannedAttack) -> Views:
    return VIEWS_OF.get(attack.name, Views())


def step_seconds(sizes: Sizes, students: int, kind: str = "wgan-gp", views: int = 1) -> float:
    """Return the seconds per image of a step, through prior, target and students and back.

    Target and students see this number of views of the image.
    """
    large = sizes.pixels > 1
    prior = 0.0 if kind == "pca" else LARGE_GENERATOR_STEP if large else GENERATOR_STEP
    seen = sizes.pixels * students * (LARGE_STUDENT_STEP if large else STUDENT_STEP)
    return sizes.pixels * prior + views * (seen + LOOKS_A_STEP * look_seconds(sizes))


def look_seconds(sizes: Sizes) -> float:
    """Return the seconds of a forward pass of the target for one image."""
    work = SMALL_NETWORK * sizes.pixels if sizes.multiply_adds is None else sizes.multiply_adds
    return LOOK * sizes.pixels + work / RATE


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
