"""Seconds of a search on two ordinary cores, until audits of the project have been measured.

`python -m bench.cost.step_cost` prints the measured cost of a step and of a forward pass beside
these estimates. Images are given as `pixels`: those of one image, divided by those of a 32x32
image. `multiply_adds` are those of a forward pass of the target for one image.
"""

from app.contract.choices import PriorKind

GENERATOR_STEP, LARGE_GENERATOR_STEP = 0.0008, 0.0022  # per 32x32 pixels, through generator and critic
STUDENT_STEP, LARGE_STUDENT_STEP = 0.00016, 0.0013  # per 32x32 pixels, through a student
FORWARD = 0.00002  # per 32x32 pixels, for any network
RATE = 1.1e11  # multiply-adds of the target per second
FORWARDS_A_STEP = 3.0  # a forward pass and a backward pass to the image
SMALL_NETWORK = 2_700_000  # multiply-adds of a small network for 32x32, such as the reference and the small students


def step_seconds(
    pixels: float, multiply_adds: int | None, students: int, kind: PriorKind = "wgan-gp", views: int = 1
) -> float:
    """Return the seconds per image of a step, through prior, target and students and back.

    Target and students see this number of views of the image.
    """
    large = pixels > 1
    prior = 0.0 if kind == "pca" else LARGE_GENERATOR_STEP if large else GENERATOR_STEP
    seen = pixels * students * (LARGE_STUDENT_STEP if large else STUDENT_STEP)
    return pixels * prior + views * (seen + FORWARDS_A_STEP * forward_seconds(pixels, multiply_adds))


def forward_seconds(pixels: float, multiply_adds: int | None) -> float:
    """Return the seconds of a forward pass of the target for one image.

    A target whose work was not counted is taken for a small network.
    """
    work = SMALL_NETWORK * pixels if multiply_adds is None else multiply_adds
    return FORWARD * pixels + work / RATE
