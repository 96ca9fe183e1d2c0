"""What an audit will cost and what it will be able to conclude, said before it starts.

The rates below were measured on two cores with the demo's networks (32x32 grey, target of 0.3 M parameters); time
grows with the pixels of an image. They are orders of magnitude: progress tells better once the audit runs.
"""

import math
from typing import Any

from app.jobs.stages import Stage

REFERENCE_PIXELS = 32 * 32
SECONDS_PER_ROW_STEP = 0.0016  # one latent, one step, target alone
SHARE_PER_STUDENT = 0.6  # of the above, for every student whose gradient is taken too
SECONDS_PER_STUDENT_IMAGE = 0.012  # all epochs and views of one student
SECONDS_PER_PRIOR_STEP = 0.12
SECONDS_PER_EVALUATOR_IMAGE = 0.02
START_SECONDS = 3.0  # fetching and loading, per job
PRIOR_STEPS = 10_000
BASE_MEMORY_BYTES = 600 * 1024 * 1024
BYTES_PER_ACTIVATION_PIXEL = 60_000
MICRO_BATCH = 32


def estimate(
    plan: dict[str, Any],
    *,
    height: int,
    width: int,
    channels: int,
    public_images: int,
    private_images: int,
    prior_ready: bool = False,
    students_ready: bool = False,
) -> dict[str, Any]:
    """Seconds per stage and in all, memory, and how narrow the answer can become.

    `prior_ready` and `students_ready`: bundled, or made by an earlier audit of the same inputs.
    """
    scale = height * width * channels / REFERENCE_PIXELS
    students = int(plan.get("students") or 0) if plan["setting"] in {"ma", "lomma"} else 0
    rows = len(plan["identities"]) * int(plan["restarts"])
    steps = int(plan.get("steps") or 0)
    shards = math.ceil(len(plan["identities"]) / int(plan["shard_size"]))
    attack = rows * steps * SECONDS_PER_ROW_STEP * (1 + SHARE_PER_STUDENT * students) * scale
    distil = 0.0 if students_ready else students * public_images * SECONDS_PER_STUDENT_IMAGE * scale
    stages = {
        Stage.PREPARE: START_SECONDS + 0.001 * (public_images + private_images) * scale,
        Stage.PRIOR: START_SECONDS + (0.0 if prior_ready else PRIOR_STEPS * SECONDS_PER_PRIOR_STEP * scale),
        Stage.STUDENTS: START_SECONDS + distil,
        Stage.ATTACK: shards * START_SECONDS + attack,
        Stage.CONTROLS: START_SECONDS,
        Stage.VERIFY: START_SECONDS + private_images * SECONDS_PER_EVALUATOR_IMAGE * scale,
        Stage.SCORE: START_SECONDS,
    }
    seconds = {stage.value: round(value, 1) for stage, value in stages.items()}
    return {
        "seconds": round(sum(seconds.values()), 1),
        "stages": seconds,
        "memory_bytes": int(BASE_MEMORY_BYTES + MICRO_BATCH * scale * BYTES_PER_ACTIVATION_PIXEL * (1 + students)),
        "conclusions": conclusions(len(plan["identities"]), private_images, float(plan["budget"])),
    }


def conclusions(identities: int, private_images: int, budget: float) -> list[str]:
    """What this many identities can show, in sentences."""
    if private_images == 0:
        return ["Without private images nothing can be verified: the verdict will be INCONCLUSIVE."]
    needed = identities_for(budget)
    half_width = 1.96 * math.sqrt(0.25 / identities)
    said = [f"At a risk of 50 % the interval will be about {100 * half_width:.0f} points wide to either side."]
    if identities < needed:
        said.append(
            f"{identities} identities can show a leak, but not its absence: a risk below {budget:.0%} takes "
            f"{needed} identities without a single hit."
        )
    return said


def identities_for(budget: float) -> int:
    """Identities without a hit that bound the risk below the budget, one-sided 95 %: (1 - budget)^n <= 0.05."""
    return math.ceil(math.log(0.05) / math.log1p(-budget))
