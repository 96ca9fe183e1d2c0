"""Interrupted training of a prior resumes from its stored state, and shows samples meanwhile."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from app.db.session import sync_session
from app.jobs.sheets import sheet_key, training_key
from app.storage import store
from tests.sealed import fetched
from tests.worker.rows import events_of, jobs_of, make_project
from tests.worker.tiny import blobs, repeat_audit, tiny_audit
from worker.evidence import prior_training
from worker.evidence.prior_samples import sheet
from worker.inversion.priors import training
from worker.runtime.run import run_claimed

RECIPE = {"steps": 126, "width": 2, "batch": 4, "gp_images": 1, "latent_dim": 4}
KEY = "sha256:" + "ab" * 32


class KilledError(Exception):
    """The worker was lost."""


class Attempt:
    """The part of a stage's context that training uses. The lease is lost at step `lost_at`."""

    device = "cpu"

    def __init__(self, scratch: Path, project_id: Any, lost_at: int | None = None) -> None:
        scratch.mkdir()
        names = {"project_id": project_id, "job_id": uuid4(), "stage": "prior", "shard": 0, "audit_id": None}
        self.scratch, self.claim, self.lost_at = scratch, type("Claim", (), names), lost_at
        self.steps: list[int] = []
        self.events = 0

    def progress(self, done: int, total: int, figures: dict[str, float]) -> None:
        self.steps.append(done)
        if done == self.lost_at:
            raise KilledError

    def read(self, work: Any) -> Any:
        with sync_session() as session:
            return work(session)

    def write(self, work: Any) -> Any:
        self.events += work.__qualname__.startswith("show.")
        return self.read(work)


@pytest.mark.usefixtures("settings_env")
def test_another_attempt_goes_on_and_ends_in_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prior_training, "KEPT_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(training, "KEPT_EVERY", 50)
    monkeypatch.setattr(training, "MEASURED_EVERY", 125)
    images, _ = blobs(range(100, 104), 4, seed=1)
    images = images[:, ::2, ::2]
    with sync_session() as session:
        project_id = make_project(session).id

    def attempt(name: str, lost_at: int | None = None) -> tuple[Attempt, dict[str, torch.Tensor]]:
        context, out = Attempt(tmp_path / name, project_id, lost_at), tmp_path / f"{name}.safetensors"
        prior_training.train(context, KEY, images, RECIPE, out, seed=0, target=None)  # type: ignore[arg-type]
        return context, load_file(out)

    whole, unbroken = attempt("unbroken")
    assert whole.events == 1  # of the measurement at step 125
    with pytest.raises(KilledError):
        attempt("first", lost_at=100)
    assert store().exists(training_key(project_id, KEY))
    second, resumed = attempt("second")
    assert second.steps[0] == 75  # the state of step 50, and the next report
    assert all(torch.equal(resumed[name], tensor) for name, tensor in unbroken.items())
    assert not store().exists(training_key(project_id, KEY))


@pytest.mark.usefixtures("settings_env")
def test_a_prior_that_is_fitted_has_a_sheet_too(tmp_path: Path) -> None:
    images, _ = blobs(range(100, 104), 4, seed=1)
    with sync_session() as session:
        project_id = make_project(session).id
    context, recipe = Attempt(tmp_path / "fit", project_id), RECIPE | {"kind": "pca"}
    prior_training.train(context, KEY, images[:, ::2, ::2], recipe, tmp_path / "out", seed=0, target=None)  # type: ignore[arg-type]
    assert context.events == 0
    with Image.open(fetched(sheet_key(project_id, KEY), tmp_path / "sheet")) as drawn:
        assert (drawn.mode, drawn.size) == ("LA", (70, 70))
        assert np.asarray(drawn)[..., 0].std() > 1


@pytest.mark.usefixtures("settings_env")
def test_at_each_measurement_a_sheet_is_kept_and_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MEASURED_EVERY", 25)
    audit_id = tiny_audit(tmp_path, prior_recipe=RECIPE | {"steps": 50})
    for stage in ("references", "prepare", "prior"):
        run_claimed(jobs_of(audit_id, stage)[0].id)
    job = jobs_of(audit_id, "prior")[0]
    assert job.state == "succeeded", job.problem
    assert job.result is not None
    events = events_of(audit_id, "samples")
    assert [(event["step"], event["steps"]) for event in events] == [(25, 50), (50, 50)]
    assert {(event["job_id"], event["prior"]) for event in events} == {(str(job.id), job.result["key"])}
    assert events[0]["kid"] != events[1]["kid"]
    with Image.open(fetched(sheet_key(job.project_id, job.result["key"]), tmp_path / "sheet")) as newest:
        assert (newest.format, newest.mode, newest.size) == ("PNG", "LA", (134, 134))  # four of 32, and three gaps

    again = repeat_audit(audit_id, prior_recipe=RECIPE | {"steps": 50})
    for stage in ("references", "prepare", "prior"):
        run_claimed(jobs_of(again, stage)[0].id)
    assert events_of(again, "samples") == []  # reused, so nothing was measured


@pytest.mark.parametrize("colours", [(), (3,)])
def test_a_sheet_holds_each_sample_in_its_place(colours: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (15, 8, 8, *colours), dtype=np.uint8)
    drawn = np.asarray(sheet(images))
    assert drawn.shape == (38, 38, (colours or (1,))[0] + 1)
    for number, image in enumerate(images):
        top, left = 10 * (number // 4), 10 * (number % 4)
        tile = drawn[top : top + 8, left : left + 8]
        assert np.array_equal(tile[..., :-1].squeeze(), image)
        assert (tile[..., -1] == 255).all()
    assert drawn[..., -1].sum() == 255 * 15 * 64  # gaps and the missing sixteenth are transparent
