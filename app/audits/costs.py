"""Seconds that the stages of an audit take on two ordinary cores, before any audit has been measured.

`python -m bench.cost.step_cost` prints what a step and a look cost here, beside these estimates.
"""

from dataclasses import dataclass, replace

from app.contract.engine import images_a_step
from app.contract.plan import Plan
from app.jobs.stages import Stage

REFERENCE_IDENTITIES = 16  # of the reference model, attacked by the same plan
PCA_SECONDS = 12.0  # of a fit to 10,000 images of 32x32
TRAINING_SECONDS = 1000.0  # of any other prior for 32x32
STUDENT_IMAGE_SECONDS = 20 / 3040  # of a public image in the distillation of a student for up to 32 pixels
LARGE_STUDENT_SECONDS = 0.14 / 4  # ... of an EfficientNet, the student above 32 pixels, for as many pixels as 32x32
EMBEDDING_SECONDS = 0.01 / 4  # of an image of 32x32 by an uploaded verifier, which has one thread
CLASSIFIER_SECONDS = 0.0007  # of a private image of 32x32 in an epoch of a small classifier
EVALUATOR, REFERENCE = 15, 30  # epochs
CONVENTIONS, SAMPLE = 8, 400  # other input conventions, under which the target sees so many private images at most
SHORTLIST = 16 * 8  # public images of an identity that are looked at again, and their views
GENERATOR_STEP, LARGE_GENERATOR_STEP = 0.0008, 0.0022  # of as many pixels, through generator and critic of either size
STUDENT_STEP, LARGE_STUDENT_STEP = 0.00016, 0.0013  # ... through a student, in a step
LOOK = 0.00002  # of as many pixels, whatever the network
RATE = 1.1e11  # multiply-adds of the target in a second
MIFACE_SHARE = 0.6  # of a step: pixels, without generator and critic
LOOKS_A_STEP = 3.0  # there, and back to the image
SMALL_NETWORK = 2_700_000  # multiply-adds of a small network for 32x32, such as the reference and the small students


@dataclass(frozen=True)
class Sizes:
    """What the work of an audit grows with.

    Attributes:
        pixels: of an image, in those of one of 32x32.
        multiply_adds: of one image's way through the target; None where its checks did not count them yet.
        public, private: images of the two sets.
        uploaded: verifiers that are not bundled.
    """

    pixels: float
    multiply_adds: int | None
    public: int
    private: int
    uploaded: int


def expected_seconds(stage: Stage, plan: Plan, identities: int, sizes: Sizes) -> float:
    """Seconds of a stage that makes everything anew, for this many identities of the plan."""
    look = look_seconds(sizes)
    seconds = 2.0
    match stage:
        case Stage.REFERENCES if sizes.private:
            looks = sizes.private + CONVENTIONS * min(SAMPLE, sizes.private)
            seconds = 6.0 + look * looks + embedding_seconds(sizes, sizes.public + sizes.private)
        case Stage.PREPARE:
            seconds += look * sizes.public
        case Stage.PRIOR:
            seconds = sizes.pixels * (PCA_SECONDS if plan.prior_kind == "pca" else TRAINING_SECONDS)
        case Stage.STUDENTS:
            seconds = plan.students * student_seconds(sizes)
        case Stage.ATTACK:
            seconds = search_seconds(plan, identities, sizes)
        case Stage.CONTROLS:
            seconds = 0.05 * identities + look * (sizes.public + SHORTLIST * identities)
        case Stage.VERIFY:
            seconds = 0.1 * identities + embedding_seconds(sizes, sizes.private) + classifier_seconds(sizes, EVALUATOR)
        case Stage.POWER:
            small = replace(sizes, multiply_adds=None)
            seconds = search_seconds(plan, REFERENCE_IDENTITIES, small)
            if sizes.pixels > 1:  # no reference is shipped above 32 pixels: it is trained, and students of its own
                seconds += classifier_seconds(sizes, REFERENCE) + plan.students * student_seconds(sizes)
    return seconds


def search_seconds(plan: Plan, identities: int, sizes: Sizes) -> float:
    """Seconds of the plan's search for this many identities."""
    images = identities * images_a_step(plan.attack, plan.restarts) * plan.steps
    share = MIFACE_SHARE if plan.attack == "miface" else 1.0
    return share * images * step_seconds(sizes, plan.students, plan.prior_kind)


def step_seconds(sizes: Sizes, students: int, kind: str = "wgan-gp") -> float:
    """Seconds of an image in a step: the prior of this kind, the target, the students, each there and back."""
    large = sizes.pixels > 1
    prior = 0.0 if kind == "pca" else LARGE_GENERATOR_STEP if large else GENERATOR_STEP
    others = prior + students * (LARGE_STUDENT_STEP if large else STUDENT_STEP)
    return sizes.pixels * others + LOOKS_A_STEP * look_seconds(sizes)


def look_seconds(sizes: Sizes) -> float:
    """Seconds in which the target sees an image, without a way back."""
    work = SMALL_NETWORK * sizes.pixels if sizes.multiply_adds is None else sizes.multiply_adds
    return LOOK * sizes.pixels + work / RATE


def student_seconds(sizes: Sizes) -> float:
    """Seconds to distil one student: three small networks up to 32 pixels, EfficientNets above."""
    each = STUDENT_IMAGE_SECONDS if sizes.pixels <= 1 else LARGE_STUDENT_SECONDS
    return sizes.public * sizes.pixels * each


def embedding_seconds(sizes: Sizes, images: int) -> float:
    """Seconds for which uploaded verifiers look at these images."""
    return EMBEDDING_SECONDS * sizes.uploaded * images * sizes.pixels


def classifier_seconds(sizes: Sizes, epochs: int) -> float:
    """Seconds to train a small classifier of the private images: the evaluator, or the reference of the power check."""
    return epochs * sizes.private * sizes.pixels * CLASSIFIER_SECONDS
