"""The prior of an audit, from the prior stage."""

from app.contract.plan import Plan
from app.jobs.stages import Stage
from worker.evidence.artifacts import get_artifact
from worker.evidence.earlier import of_attack, stage_result
from worker.inversion.priors import bundled_prior, load_prior
from worker.inversion.priors.prior import Prior
from worker.job.context import StageContext

KIND = "prior"
SEED = 0  # a prior belongs to its images, not to an audit


def prior_keys(context: StageContext, plan: Plan) -> list[str]:
    """Return the key of the prior of each attack."""
    found = stage_result(context, Stage.PRIOR)
    return [of_attack(found, attack)["key"] for attack in range(len(plan.attacks))]


def first_draw(context: StageContext, plan: Plan, attack: int) -> int:
    """Return how many samples earlier attacks with the same prior take for their controls.

    Attacks that share a prior thus have different samples, like their reconstructions.
    """
    keys = prior_keys(context, plan)
    return sum(plan.attacks[earlier].restarts for earlier in range(attack) if keys[earlier] == keys[attack])


def open_prior(context: StageContext, attack: int) -> Prior:
    """Return the prior of an attack, which the prior stage found or made."""
    found = of_attack(stage_result(context, Stage.PRIOR), attack)
    path = bundled_prior(found["key"]) if found["source"] in {"bundled", "built-in"} else None
    return load_prior(path or get_artifact(context, KIND, found["key"]))
