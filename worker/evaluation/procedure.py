"""Runs an audit's attack on another model: the reference of the power check, or a twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from worker.inversion.attacks import Attack, Decoder, Reconstruction, run_attack
from worker.inversion.attacks.capture import Recorder
from worker.inversion.domain_refit import refit_domain
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress, part_of, silent
from worker.inversion.students import public_features
from worker.inversion.targets import Target


class Attacked(NamedTuple):
    """All reconstructions of an attack, the attack, and the prior that it searched in.

    `first_draw` is the number of the first sample of its prior control (`prior_control`).
    """

    found: list[Reconstruction]
    config: Attack
    prior: Prior
    first_draw: int = 0

    @property
    def submitted(self) -> list[Reconstruction]:
        """The reconstructions that the attack submits."""
        return [one for one in self.found if one.selected]


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
    recorder: Recorder | None = None,
) -> Attacked:
    """Attack `identities` of `target` as planned for the audited model.

    p_reg, the decoder and the refitted prior are those of this target.

    Args:
        students: students of this target, if the setting uses them.
        prior: before any refit.
        public: uint8 (M, H, W[, C]).
        recorder: see `run_attack`.
    """
    p_reg = public_features(target, public) if config.uses_p_reg else None
    decoded = None
    if isinstance(config, Decoder):
        prior, decoded, *_ = refit_domain(
            target, prior, public, p_reg, config, seed=seed, progress=part_of(progress, 0, 2), recorder=recorder
        )
        progress = part_of(progress, 1, 2)
    images = len(identities) * config.restarts
    found = run_attack(
        target,
        students,
        prior,
        p_reg,
        identities,
        config,
        seed=seed,
        progress=progress,
        decoded=decoded,
        at_once=images,
        recorder=recorder,
    )
    return Attacked(found, config, prior)
