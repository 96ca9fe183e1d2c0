"""A prior whose training was cut off goes on where its state was kept, and ends in the same weights."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import torch
from safetensors.torch import load_file

from app.storage import store
from tests.worker.tiny import blobs
from worker.stages import prior_training
from worker.stages.artifacts import object_key_of

RECIPE = {"steps": 501, "width": 2, "batch": 4, "gp_images": 1, "latent_dim": 4}
KEY = "sha256:" + "ab" * 32


class KilledError(Exception):
    """The worker was lost."""


class Attempt:
    """What the training asks of a stage's context; `lost_at` is the step whose progress report finds the lease gone."""

    def __init__(self, scratch: Path, project_id: Any, lost_at: int | None = None) -> None:
        scratch.mkdir()
        self.scratch, self.claim, self.lost_at = scratch, type("Claim", (), {"project_id": project_id}), lost_at
        self.steps: list[int] = []

    def progress(self, done: int, total: int, figures: dict[str, float]) -> None:
        self.steps.append(done)
        if done == self.lost_at:
            raise KilledError


@pytest.mark.usefixtures("settings_env")
def test_another_attempt_goes_on_and_ends_in_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior_training, "KEPT_EVERY_SECONDS", 0.0)
    images, _ = blobs(range(100, 104), 4, seed=1)
    images = images[:, ::2, ::2]
    project_id = uuid4()

    def attempt(name: str, lost_at: int | None = None) -> tuple[Attempt, dict[str, torch.Tensor]]:
        context, out = Attempt(tmp_path / name, project_id, lost_at), tmp_path / f"{name}.safetensors"
        prior_training.train(context, KEY, images, RECIPE, out, seed=0, target=None)  # type: ignore[arg-type]
        return context, load_file(out)

    _, unbroken = attempt("unbroken")
    with pytest.raises(KilledError):
        attempt("first", lost_at=300)
    assert store().exists(object_key_of(project_id, prior_training.KIND, KEY, "state"))
    second, resumed = attempt("second")
    assert second.steps[0] == 275  # the state of step 250, and the next report
    assert all(torch.equal(resumed[name], tensor) for name, tensor in unbroken.items())
    assert not store().exists(object_key_of(project_id, prior_training.KIND, KEY, "state"))
