"""The prior of an audit, from the prior stage."""

from typing import Any

from app.contract.plan import Plan
from app.jobs.stages import Stage
from worker.evidence.artifacts import get_artifact
from worker.evidence.earlier import of_attack, stage_result
from worker.inversion.domain_refit import Refitted, load_refit
from worker.inversion.priors import bundled_prior, load_prior
from worker.inversion.priors.prior import Prior
from worker.job.context import StageContext

KIND, REFIT_KIND = "prior", "domain_refit"
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
    """Return the prior that an attack searches: the one found or made, refitted if it is."""
    refitted = open_refit(context, attack)
    return refitted.prior if refitted else base_prior(context, attack)


def open_refit(context: StageContext, attack: int) -> Refitted | None:
    """Return the prior refitted to the target, and the decoder, of an attack that uses them."""
    found = of_attack(stage_result(context, Stage.PRIOR), attack).get("refit")
    if found is None:
        return None
    return load_refit(get_artifact(context, REFIT_KIND, found["key"], made_by=Stage.PRIOR), base_prior(context, attack))


def base_prior(context: StageContext, attack: int) -> Prior:
    """Return the prior of an attack, which the prior stage found or made, before any refit."""
    return stored_prior(context, of_attack(stage_result(context, Stage.PRIOR), attack))


def stored_prior(context: StageContext, found: dict[str, Any]) -> Prior:
    """Return the prior with this key and source."""
    path = bundled_prior(found["key"]) if found["source"] in {"bundled", "built-in"} else None
    return load_prior(path or get_artifact(context, KIND, found["key"], made_by=Stage.PRIOR)).to(context.device)
