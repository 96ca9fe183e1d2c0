"""Prior: find or train the generator of public images."""

import json
import math
from pathlib import Path
from typing import Any

from app.contract.plan import PlannedAttack
from app.errors import UnprocessableError
from app.jobs.stages import Stage
from worker.evidence.artifacts import make_artifact
from worker.evidence.earlier import stage_result
from worker.evidence.image_sets import public_images
from worker.evidence.inputs import AuditInputs, audit_inputs
from worker.evidence.p_reg import open_p_reg
from worker.evidence.plan import attack_on
from worker.evidence.prior import REFIT_KIND, stored_prior
from worker.evidence.prior_training import made_prior
from worker.evidence.recording import recording
from worker.evidence.targets import open_target
from worker.inversion.domain_refit import REFIT, load_refit, refit_domain, save_refit, search_of
from worker.inversion.priors import (
    built_in_prior,
    bundled_prior,
    default_prior_recipe,
)
from worker.job.context import Outcome, StageContext


def run(context: StageContext) -> Outcome:
    """Find or make the prior of each attack, the same one once. The attack loads it by its key.

    The result is that of the first attack and, if there are several, all of them as `attacks`.
    """
    inputs = audit_inputs(context)
    made: dict[str, dict[str, Any]] = {}
    for attack in inputs.plan.attacks:
        if (wanted := asked_prior(attack)) not in made:
            made[wanted] = prior_of(context, inputs, attack)
    parts = [
        made[asked_prior(one)] | refit_of(context, inputs, one, made[asked_prior(one)]) for one in inputs.plan.attacks
    ]
    return Outcome(parts[0] | ({"attacks": parts} if len(parts) > 1 else {}))


def asked_prior(attack: PlannedAttack) -> str:
    """Return the fields of an attack that determine its prior, as one string."""
    return attack.model_dump_json(include={"prior", "prior_kind", "prior_key", "prior_recipe"})


def prior_of(context: StageContext, inputs: AuditInputs, attack: PlannedAttack) -> dict[str, Any]:
    """Find or make the prior of an attack. Return its key, source and recipe."""
    if attack.prior == "built-in":
        return built_in(inputs.shape, attack.prior_key)
    prepared = stage_result(context, Stage.PREPARE)
    recipe: dict[str, Any] = attack.prior_recipe or default_recipe(
        attack.prior_kind, inputs.shape, classes=len(inputs.classes), images=prepared["public_images"]
    )
    return made_prior(
        context,
        prepared["public_digest"],
        recipe,
        images=lambda: public_images(context, inputs, prepared),
        target=lambda: open_target(context, inputs, prepared["outputs"]),
        target_digest=prepared["target_digest"],
    )


def refit_of(
    context: StageContext, inputs: AuditInputs, attack: PlannedAttack, found: dict[str, Any]
) -> dict[str, Any]:
    """Refit the prior to the target for an attack that uses the decoder.

    Return its key and figures as `refit`. Empty for other attacks. Attacks of one prior and
    setting share a refit.
    """
    config = attack_on(context.hardware, attack)
    if not config.uses_decoder:
        return {}
    prepared, seed = stage_result(context, Stage.PREPARE), inputs.plan.seed
    key = REFIT.key(
        target=prepared["target_digest"],
        images=prepared["public_digest"],
        p_reg=prepared["p_reg"]["key"],
        prior=found["key"],
        search=search_of(config).to_dict(),
        seed=seed,
    )

    prior = stored_prior(context, found)

    def make(path: Path) -> dict[str, Any]:
        audited, public = open_target(context, inputs, prepared["outputs"]), public_images(context, inputs, prepared)
        p_reg = open_p_reg(context, prepared["p_reg"]["key"]) if config.uses_p_reg else None
        with recording(context.device) as recorder:
            made = refit_domain(
                audited, prior, public, p_reg, config, seed=seed, progress=context.progress, recorder=recorder
            )
        save_refit(made, path)
        return made.to_dict()

    made = make_artifact(context, REFIT_KIND, key, make)
    return {"refit": {"key": key, "reused": made.reused, **load_refit(made.path, prior).to_dict()}}


def built_in(shape: tuple[int, int, int], key: str | None) -> dict[str, Any]:
    """Return the prior shipped for images of shape (C, H, W).

    It has the credit that its licence requires. `key` is the plan's, so that a worker that
    ships another prior fails. It is None if the plan does not name one.
    """
    path = built_in_prior(shape) if key is None else bundled_prior(key)
    if path is None:
        lacking = f"No prior is shipped for images of shape {shape}. Let the audit train one."
        other = f"The plan names the prior {key}, which this worker does not ship. Run API and workers of one version."
        raise UnprocessableError("no_built_in_prior", lacking if key is None else other)
    card = json.loads(path.with_suffix(".json").read_text())
    return {name: card[name] for name in ("key", "recipe", "credit", "license")} | {"source": "built-in"}


def default_recipe(kind: str, shape: tuple[int, int, int], *, classes: int, images: int) -> dict[str, Any]:
    """Return the default recipe of a prior of this kind.

    Args:
        shape: (C, H, W) of the images.
        classes: number of classes of the target.
        images: number of public images.
    """
    recipe = default_prior_recipe(shape, kind, num_classes=classes if kind == "kedmi" else 0)
    if kind == "pca":
        recipe["latent_dim"] = min(recipe["latent_dim"], images - 1, math.prod(shape) - 1)
    return recipe
