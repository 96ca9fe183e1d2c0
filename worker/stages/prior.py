"""Prior: the generator of public images, bundled, reused or trained."""

from pathlib import Path
from typing import Any

from app.jobs.stages import Stage
from worker.inversion.priors import bundled_prior, default_prior_recipe, load_prior, prior_key, save_prior, train_prior
from worker.inversion.priors.prior import Prior
from worker.runtime.context import Outcome, StageContext
from worker.stages.artifacts import get_artifact, make_artifact
from worker.stages.inputs import audit_inputs, public_images, stage_result

KIND = "prior"
SEED = 0  # a prior belongs to its images, not to an audit


def run(context: StageContext) -> Outcome:
    """Find or make the prior; the attack loads it by its key."""
    inputs = audit_inputs(context)
    prepared = stage_result(context, Stage.PREPARE)
    recipe: dict[str, Any] = inputs.plan.get("prior_recipe") or default_prior_recipe(inputs.shape)
    key = prior_key(prepared["public_digest"], recipe, SEED)
    if bundled_prior(key) is not None:
        return Outcome({"key": key, "source": "bundled", "recipe": recipe})

    def make(path: Path) -> dict[str, Any]:
        images = public_images(context, inputs, prepared)
        save_prior(train_prior(images, recipe, seed=SEED, progress=context.progress), path)
        return {"recipe": recipe, "images": len(images)}

    made = make_artifact(context, KIND, key, make)
    return Outcome({"key": key, "source": "reused" if made.reused else "trained", "recipe": recipe})


def open_prior(context: StageContext) -> Prior:
    """The prior that the stage above found."""
    found = stage_result(context, Stage.PRIOR)
    path = bundled_prior(found["key"]) if found["source"] == "bundled" else None
    return load_prior(path or get_artifact(context, KIND, found["key"]))
