"""Controls: samples of the prior, the nearest public image, and the same attack on a twin."""

from functools import lru_cache
from typing import Any

import numpy as np

from app.jobs.stages import Stage
from worker.evaluation.controls import nearest_public_control, prior_control
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.plan import attack_config
from worker.evidence.prior import first_draw, open_prior
from worker.evidence.reconstructions import NEAREST_PUBLIC, PRIOR_CONTROL, Picture, insert_pictures
from worker.evidence.targets import open_target
from worker.evidence.twin import twin_config, twin_pictures
from worker.inversion.acceleration import fast_target
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Make one image per attack, control and identity.

    A control thus has as many images as the attacks. The score stage computes `permuted` without
    images.
    """
    inputs = audit_inputs(context)
    prepared = stage_result(context, Stage.PREPARE)
    public = public_images(context, inputs, prepared)

    @lru_cache
    def nearest_public(views: int, cropped: bool) -> np.ndarray:
        target = fast_target(open_target(context, inputs, prepared["outputs"]), "float32")  # like all scores
        return nearest_public_control(
            target, public, inputs.identities, views=views, cropped=cropped, progress=context.progress
        )

    pictures = []
    for attack, planned in enumerate(inputs.plan.attacks):
        config = attack_config(planned)
        samples = prior_control(
            open_prior(context, attack),
            inputs.identities,
            draws=config.restarts,
            consensus=config.selection == "consensus",
            seed=inputs.plan.seed,
            first=first_draw(context, inputs.plan, attack),
            progress=context.progress,
        )
        pictures += of_control(inputs, PRIOR_CONTROL, attack, samples)
        cropped = config.selection == "crops"
        nearest = nearest_public(1 if config.selection in {"target", "average"} else config.views, cropped)
        pictures += of_control(inputs, NEAREST_PUBLIC, attack, nearest)
    of_twin = twin_pictures(context, inputs, public)
    twins = [twin_config(context.hardware, inputs.plan, inputs.plan.attacks[n]).to_dict() for n in range(len(of_twin))]
    pictures += [one for images in of_twin for one in images]
    result: dict[str, Any] = {"images": len(pictures), "twin": twins[0] if twins else None}
    if len(twins) > 1:
        result["twins"] = twins
    return Outcome(result, lambda session: insert_pictures(session, inputs, pictures))


def of_control(inputs: AuditInputs, control: str, attack: int, images: np.ndarray) -> list[Picture]:
    """Return the one image of a control for each identity."""
    return [
        Picture(control, identity, inputs.plan.seed, restart=0, image=image, submitted=True, attack=attack)
        for identity, image in zip(inputs.identities, images, strict=True)
    ]
