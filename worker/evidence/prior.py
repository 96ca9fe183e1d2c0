"""The prior of an audit, from the prior stage."""

from app.jobs.stages import Stage
from worker.evidence.artifacts import get_artifact
from worker.evidence.earlier import stage_result
from worker.inversion.priors import bundled_prior, load_prior
from worker.inversion.priors.prior import Prior
from worker.job.context import StageContext

KIND = "prior"
SEED = 0  # a prior belongs to its images, not to an audit


def open_prior(context: StageContext) -> Prior:
    """Return the prior that the prior stage found or made."""
    found = stage_result(context, Stage.PRIOR)
    path = bundled_prior(found["key"]) if found["source"] in {"bundled", "built-in"} else None
    return load_prior(path or get_artifact(context, KIND, found["key"]))
