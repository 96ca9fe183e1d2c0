"""Making of a prior in a job: found where it was made before, or else trained.

The state of a training is stored from time to time, and another attempt resumes from it. Each
measurement also stores samples.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import torch

from app.contract.engine import learns_answers
from app.jobs.sheets import training_key
from app.jobs.stages import Stage
from app.kit.crypto import UnsealError
from app.storage.store import MissingObjectError
from worker.evidence.artifacts import make_artifact
from worker.evidence.earlier import of_attack, stage_result
from worker.evidence.prior import KIND, SEED, base_prior, stored_prior
from worker.evidence.prior_samples import Measurement, keep_sheet, show
from worker.inversion.data import to_uint8
from worker.inversion.latents import draw
from worker.inversion.layout import device_of
from worker.inversion.priors import bundled_prior, prior_key, save_prior, train_prior
from worker.inversion.priors.prior import Prior
from worker.inversion.priors.recipe import PriorRecipe
from worker.inversion.targets import Target
from worker.job import objects
from worker.job.context import StageContext

log = structlog.get_logger(__name__)

KEPT_EVERY_SECONDS = 60.0


def made_prior(
    context: StageContext,
    public_digest: str,
    recipe: dict[str, Any],
    *,
    images: Callable[[], np.ndarray],
    target: Callable[[], Target],
    target_digest: str,
) -> dict[str, Any]:
    """Find or train the prior of a recipe. Return its key, source and recipe.

    Args:
        images: returns the public images; called only for a training, like `target`.
        target: returns the model whose answers a KEDMI prior learns. Other kinds do not use it.
    """
    labelled = uses_answers(recipe)
    key = prior_key(public_digest, recipe, SEED, target=target_digest if labelled else None)
    if bundled_prior(key) is not None:
        return {"key": key, "source": "bundled", "recipe": recipe}

    def make(path: Path) -> dict[str, Any]:
        own = images()
        train(context, key, own, recipe, path, seed=SEED, target=target() if labelled else None)
        return {"recipe": recipe, "images": len(own)}

    made = make_artifact(context, KIND, key, make)
    return {"key": key, "source": "reused" if made.reused else "trained", "recipe": recipe}


def prior_of_other(
    context: StageContext,
    attack: int,
    public: np.ndarray,
    public_digest: str,
    *,
    target: Target,
    target_digest: str,
) -> Prior:
    """Return the prior with which an attack searches another model than the audited one.

    A prior that learned the audited model's answers would bring what that model knows along. Such
    a prior is trained with the answers of the other model. Any other prior is the audit's, before
    any refit.

    Args:
        public: uint8 (M, H, W[, C]).
        target_digest: SHA-256 of the other model's file.
    """
    recipe: dict[str, Any] = of_attack(stage_result(context, Stage.PRIOR), attack).get("recipe", {})
    if not uses_answers(recipe):
        return base_prior(context, attack)
    own = recipe | {"num_classes": target.num_classes}
    found = made_prior(
        context, public_digest, own, images=lambda: public, target=lambda: target, target_digest=target_digest
    )
    return stored_prior(context, found)


def uses_answers(recipe: dict[str, Any]) -> bool:
    """Return whether a prior of this recipe is trained with the answers of a target."""
    return learns_answers(str(recipe.get("kind")))


def train(
    context: StageContext,
    key: str,
    images: np.ndarray,
    recipe: dict[str, Any],
    out: Path,
    *,
    seed: int,
    target: Target | None,
) -> None:
    """Train the prior of this key and save it to `out`, resuming from any earlier attempt.

    A resumed run ends with the same weights as an uninterrupted one, so the state of any attempt
    of any audit can be used.
    """
    state = context.scratch / "prior-training.pt"
    object_key = training_key(context.claim.project_id, key)
    try:
        objects.download(context, object_key, state)
        log.info("prior.resumed", key=key)
    except MissingObjectError:
        log.info("prior.started", key=key)
    except UnsealError:  # damaged: what was written of it so far is dropped
        state.unlink(missing_ok=True)
        log.warning("prior.state_damaged", key=key)
    kept, known = time.monotonic(), _stamp(state)
    fresh: tuple[int, np.ndarray] | None = None
    shown = False

    def samples(step: int, images: np.ndarray) -> None:
        nonlocal fresh
        fresh = step, images

    def progress(done: int, total: int, figures: dict[str, float]) -> None:
        nonlocal kept, known, fresh, shown
        if _stamp(state) != known and time.monotonic() - kept >= KEPT_EVERY_SECONDS:
            objects.upload(context, state, object_key)
            kept, known = time.monotonic(), _stamp(state)
        context.progress(done, total, figures)
        if fresh is not None:  # the first report after a measurement has its distance
            step, drawn = fresh
            show(context, key, Measurement(step, total, drawn, figures["kid"], recipe.get("kind", PriorRecipe.kind)))
            fresh, shown = None, True

    prior = train_prior(
        images,
        recipe,
        seed=seed,
        target=target,
        progress=progress,
        samples=samples,
        checkpoint=state,
        device=context.device,
    )
    save_prior(prior, out)
    if not shown:  # of a kind that is fitted, or after a short training
        keep_sheet(context, key, drawn(prior))
    objects.delete(context, object_key)


def drawn(prior: Prior) -> np.ndarray:
    """Return 16 samples of a prior uint8 (16, H, W[, C]), from the same latents every time."""
    z = draw(SEED, "samples", shape=(16, prior.latent_dim))
    with torch.no_grad():
        return to_uint8(prior.decode(z.to(device_of(prior))))


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
