"""The power check is measured like an audit: one submission for each person."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from worker.evaluation.power import measure_power
from worker.inversion.attacks import Reconstruction
from worker.inversion.priors import Prior


def made(identity: int, restart: int) -> Reconstruction:
    return Reconstruction(
        image=np.zeros((8, 8), np.uint8), identity=identity, restart=restart, seed=0, target_score=-1.0,
        target_confidence=0.5, selected=True, iterations=3, target_top1=True, micro_batch=4,
    )  # fmt: skip


def test_several_submissions_of_a_person_are_refused() -> None:
    found = [made(0, 0), made(0, 1), made(1, 0), made(1, 1)]
    nothing = (np.zeros((0, 8, 8), np.uint8), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="one submission per identity"):
        measure_power(found, cast(Prior, None), nothing, [], seed=0)
