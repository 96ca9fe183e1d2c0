"""Runs an audit's attack on another model: the reference of the power check, or a twin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.inversion.attacks import Attack, Reconstruction, run_attack
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, silent
from worker.inversion.students import public_features
from worker.inversion.targets import Target


def attack_other(  # noqa: PLR0917 (as `run_attack`)
    target: Target,
    students: Sequence[Target],
    prior: Prior,
    public: np.ndarray,
    identities: Sequence[int],
    config: Attack,
    *,
    seed: int,
    progress: Progress = silent,
) -> list[Reconstruction]:
    """Attack `identities` of `target` as planned for the audited model, with this target's p_reg.

    Args:
        students: students of this target, if the setting uses them.
        public: uint8 (M, H, W[, C]).
    """
    p_reg = public_features(target, public) if config.uses_p_reg else None
    return run_attack(target, students, prior, p_reg, identities, config, seed=seed, progress=progress)
