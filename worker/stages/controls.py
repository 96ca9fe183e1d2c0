"""Controls: the same number of draws from the prior alone, put forward without the target."""

from worker.evaluation.controls import prior_control
from worker.runtime.context import Outcome, StageContext
from worker.stages.inputs import audit_inputs
from worker.stages.plan import attack_config
from worker.stages.prior import open_prior
from worker.stages.reconstructions import PRIOR_CONTROL, Picture, insert_pictures


def run(context: StageContext) -> Outcome:
    """One control image per identity; `permuted` needs no images and is computed with the score."""
    inputs = audit_inputs(context)
    seed = inputs.plan["seed"]
    images = prior_control(
        open_prior(context),
        inputs.identities,
        draws=attack_config(inputs.plan).restarts,
        seed=seed,
        progress=context.progress,
    )
    pictures = [
        Picture(source=PRIOR_CONTROL, identity=identity, seed=seed, restart=0, image=image, submitted=True)
        for identity, image in zip(inputs.identities, images, strict=True)
    ]
    return Outcome({"images": len(pictures)}, lambda session: insert_pictures(session, inputs, pictures))
