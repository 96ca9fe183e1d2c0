"""Runs an audit's attacks on another model: the reference of the power check, or a twin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch

from worker.inversion.attacks import Attack, Reconstruction, run_attack
from worker.inversion.attacks.capture import Recorder
from worker.inversion.domain_refit import Refitted, refit_domain, search_of
from worker.inversion.objective import PublicFeatures
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


class OtherModel:
    """A model that attacks are run on as planned for the audited one.

    p_reg, the decoder and the refitted prior are those of this model. They are made once for all
    attacks that share them.

    Args:
        public: uint8 (M, H, W[, C]).
        seed: of the audit.
        recorder: see `run_attack`.
    """

    def __init__(self, target: Target, public: np.ndarray, *, seed: int, recorder: Recorder | None = None) -> None:
        self.target, self.public, self.seed, self.recorder = target, public, seed, recorder
        self._refits: list[tuple[Prior, dict[str, Any], Refitted]] = []

    @cached_property
    def features(self) -> PublicFeatures:
        """The penultimate features of the public images."""
        return public_features(self.target, self.public)

    def attack(
        self,
        prior: Prior,
        identities: Sequence[int],
        config: Attack,
        *,
        students: Sequence[Target] = (),
        progress: Progress = silent,
    ) -> Attacked:
        """Attack these identities of the model.

        Args:
            prior: before any refit.
            students: students of this model, if the setting uses them.
        """
        p_reg = self.features if config.uses_p_reg else None
        decoded = None
        if config.uses_decoder:
            refitted = self._refit(prior, p_reg, config, part_of(progress, 0, 2))
            prior, decoded = refitted.prior, refitted.latents
            progress = part_of(progress, 1, 2)
        found = run_attack(
            self.target,
            students,
            prior,
            p_reg,
            identities,
            config,
            seed=self.seed,
            progress=progress,
            decoded=decoded,
            at_once=len(identities) * config.restarts,
            recorder=self.recorder,
        )
        return Attacked(found, config, prior)

    def _refit(self, prior: Prior, p_reg: PublicFeatures | None, config: Attack, progress: Progress) -> Refitted:
        search = search_of(config).to_dict()
        for earlier, searched, refitted in self._refits:
            if searched == search and same_weights(earlier, prior):
                return refitted
        made = refit_domain(
            self.target, prior, self.public, p_reg, config, seed=self.seed, progress=progress, recorder=self.recorder
        )
        self._refits.append((prior, search, made))
        return made


def same_weights(one: Prior, other: Prior) -> bool:
    """Return whether two priors are bit for bit the same."""
    a, b = one.state_dict(), other.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
