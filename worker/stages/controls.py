"""Controls: samples of the prior, the nearest public image, and the same attack on a twin."""

from typing import Any

import numpy as np

from app.jobs.stages import Stage
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import audit_inputs, open_target
from worker.evidence.plan import attack_config
from worker.evidence.prior import open_prior
from worker.evidence.reconstructions import NEAREST_PUBLIC, PRIOR_CONTROL, Picture, insert_pictures
from worker.evidence.twin import twin_config, twin_pictures
from worker.inversion.acceleration import fast_target
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Make one image per control and identity.

    The score stage computes `permuted` without images.
    """
    inputs = audit_inputs(context)
    prepared = stage_result(context, Stage.PREPARE)
    config, seed = attack_config(inputs.plan.attacks[0]), inputs.plan.seed
    views: dict[str, Any] = {"views": config.views} if config.selection in {"augmented", "crops"} else {}
    public = public_images(context, inputs, prepared)
    made = {
        PRIOR_CONTROL: prior_control(
            open_prior(context), inputs.identities, draws=config.restarts, seed=seed, progress=context.progress
        ),
        NEAREST_PUBLIC: nearest_public_control(
            fast_target(open_target(context, inputs, prepared["outputs"]), "float32"),  # like all scores
            public,
            inputs.identities,
            progress=context.progress,
            cropped=config.selection == "crops",
            **views,
        ),
    }
    pictures = [picture(name, identity, seed, image) for name, images in made.items() for identity, image in
                zip(inputs.identities, images, strict=True)]  # fmt: skip
    twins = twin_pictures(context, inputs, public)
    pictures += twins
    result = {
        "images": len(pictures),
        "twin": twin_config(inputs.plan, inputs.plan.attacks[0]).to_dict() if twins else None,
    }
    return Outcome(result, lambda session: insert_pictures(session, inputs, pictures))


def picture(control: str, identity: int, seed: int, image: np.ndarray) -> Picture:
    """Return the one image of a control for an identity."""
    return Picture(source=control, identity=identity, seed=seed, restart=0, image=image, submitted=True)
