"""Training of a prior in a job.

Its state is stored from time to time, and another attempt resumes from it. Each measurement also
stores samples.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from app.jobs.sheets import training_key
from app.storage import store
from app.storage.store import MissingObjectError
from worker.evidence.prior_samples import Measurement, show
from worker.inversion.priors import save_prior, train_prior
from worker.inversion.targets import Target
from worker.job.context import StageContext

log = structlog.get_logger(__name__)

KEPT_EVERY_SECONDS = 60.0


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
        store().download(object_key, state)
        log.info("prior.resumed", key=key)
    except MissingObjectError:
        log.info("prior.started", key=key)
    kept, known = time.monotonic(), _stamp(state)
    fresh: tuple[int, np.ndarray] | None = None

    def samples(step: int, images: np.ndarray) -> None:
        nonlocal fresh
        fresh = step, images

    def progress(done: int, total: int, figures: dict[str, float]) -> None:
        nonlocal kept, known, fresh
        if _stamp(state) != known and time.monotonic() - kept >= KEPT_EVERY_SECONDS:
            store().upload(state, object_key)
            kept, known = time.monotonic(), _stamp(state)
        context.progress(done, total, figures)
        if fresh is not None:  # the first report after a measurement has its distance
            step, drawn = fresh
            show(context, key, Measurement(step, total, drawn, figures["kid"]))
            fresh = None

    prior = train_prior(images, recipe, seed=seed, target=target, progress=progress, samples=samples, checkpoint=state)
    save_prior(prior, out)
    store().delete(object_key)


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
