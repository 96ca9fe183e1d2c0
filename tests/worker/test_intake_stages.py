"""Intake jobs: an upload becomes ready or is rejected, and the file in quarantine is deleted."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from app.db.models import Dataset, DatasetRole, Job, Project, Release
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs.stages import Stage
from app.scheduler.retention import forget_originals
from app.settings import settings
from app.storage import store
from app.uploads import expiry, quota
from app.vault.keys import find_key
from app.vault.objects import opened
from tests.sealed import fetched
from tests.worker.rows import get_job, make_dataset, make_project, make_release
from tests.worker.tiny import ARCHITECTURE, CLASSES, HYPERPARAMETERS, SIDE, blobs, digest_of, save_target
from worker.evidence.files import sha256_of
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed
from worker.stages.prepare import made_into_logits

pytestmark = pytest.mark.usefixtures("settings_env", "warm_sandbox")

UPLOAD = "quarantine/upload"


def add_job(session: Any, project: Project, stage: Stage, subject_id: UUID) -> UUID:
    job = Job(project_id=project.id, subject_id=subject_id, stage=stage, state=JobState.QUEUED, max_attempts=3)
    session.add(job)
    session.flush()
    return job.id


def _described() -> dict[str, Any]:
    return {
        "architecture": ARCHITECTURE,
        "hyperparameters": HYPERPARAMETERS,
        "convention": {"height": SIDE, "width": SIDE, "channels": 1},
        "classes": [f"class {label}" for label in range(CLASSES)],
        "state": "checking",
        "object_key": UPLOAD,
    }


def check_release_file(upload: Path, **values: Any) -> Release:
    store().upload(upload, UPLOAD)
    with sync_session() as session:
        project = make_project(session)
        release = make_release(session, project, **(_described() | values))
        job_id = add_job(session, project, Stage.INTAKE_RELEASE, release.id)
    run_claimed(job_id)
    assert get_job(job_id).state == "succeeded", get_job(job_id).problem
    with sync_session() as session:
        return session.get_one(Release, release.id)


def check_dataset_file(upload: Path) -> Dataset:
    store().upload(upload, UPLOAD)
    with sync_session() as session:
        project = make_project(session)
        dataset = make_dataset(session, project, DatasetRole.PRIVATE, state="checking", object_key=UPLOAD)
        job_id = add_job(session, project, Stage.INTAKE_DATASET, dataset.id)
    run_claimed(job_id)
    assert get_job(job_id).state == "succeeded", get_job(job_id).problem
    with sync_session() as session:
        return session.get_one(Dataset, dataset.id)


def test_a_good_checkpoint_becomes_ready(tmp_path: Path) -> None:
    save_target(tmp_path / "model.safetensors")
    release = check_release_file(tmp_path / "model.safetensors")
    assert (release.state, release.problem) == ("ready", None)
    assert release.examination is not None
    digest = release.examination["checkpoint_sha256"]
    assert release.object_key == f"checkpoints/{release.project_id}/{digest}.safetensors"
    assert release.examination["outputs"] == "logits"
    fetched(release.object_key, tmp_path / "stored")
    assert release.examination["checkpoint_sha256"] == sha256_of(tmp_path / "stored")
    assert not store().exists(UPLOAD)


def test_a_stored_checkpoint_is_examined_again_and_stays(tmp_path: Path) -> None:
    save_target(tmp_path / "model.safetensors")
    first = check_release_file(tmp_path / "model.safetensors")
    for values, state in (({"state": "checking"}, "ready"), ({"hyperparameters": {"width": 8}}, "refused")):
        with sync_session() as session:
            project = session.get_one(Project, first.project_id)
            again = make_release(session, project, **(_described() | {"object_key": first.object_key} | values))
            job_id = add_job(session, project, Stage.INTAKE_RELEASE, again.id)
        run_claimed(job_id)
        with sync_session() as session:
            found = session.get_one(Release, again.id)
        assert (found.state, found.object_key) == (state, first.object_key if state == "ready" else None)
        assert found.original == ("not_sent" if state == "ready" else None)
        assert store().exists(first.object_key or "")


def save_state_dict(tmp_path: Path) -> Path:
    """Save a PyTorch file, which must be converted. Return its path."""
    save_target(tmp_path / "model.safetensors")
    torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "model.pt")
    return tmp_path / "model.pt"


def held(release: Release) -> int:
    with sync_session() as session:
        return quota.held_bytes(session, release.project_id)


def test_a_small_file_that_becomes_large_is_held_against_the_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check that what is stored counts: 40 kB of white images become 4 MB."""
    np.savez_compressed(tmp_path / "set.npz", images=np.full((64, 256, 256), 255, np.uint8))
    size = (tmp_path / "set.npz").stat().st_size
    monkeypatch.setattr(settings(), "max_project_bytes", 10 * size)
    dataset = check_dataset_file(tmp_path / "set.npz")
    assert (dataset.state, dataset.object_key) == ("refused", None)
    assert dataset.problem is not None
    assert dataset.problem["code"] == "quota_exceeded"
    assert not store().exists(UPLOAD)
    assert not store().exists(f"datasets/{dataset.id}/packed.npz")
    monkeypatch.setattr(settings(), "max_project_bytes", 200 * size + 5_000_000)
    dataset = check_dataset_file(tmp_path / "set.npz")
    assert (dataset.state, (dataset.stored_bytes or 0) > 4_000_000) == ("ready", True)


def stored_size(release: Release) -> int:
    """Return the size of the checked copy without its seal, which the quota does not count."""
    assert release.object_key is not None
    with sync_session() as session, opened(release.object_key, find_key(session, release.object_key)) as file:
        return file.seek(0, io.SEEK_END)


def test_the_original_of_a_converted_checkpoint_is_deleted_by_default(tmp_path: Path) -> None:
    file = save_state_dict(tmp_path)
    release = check_release_file(file, sha256=sha256_of(file), size_bytes=1000)
    assert (release.state, release.original, release.original_until) == ("ready", "deleted", None)
    assert not store().exists(UPLOAD)
    assert held(release) == stored_size(release), "the copy counts, not what was sent"


def test_it_is_kept_for_the_days_of_the_settings_and_counts_in_the_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "original_days", 7)
    file = save_state_dict(tmp_path)
    release = check_release_file(file, sha256=sha256_of(file), size_bytes=1000)
    assert (release.state, release.original, release.original_key) == ("ready", "kept", UPLOAD)
    assert release.original_until is not None
    assert timedelta(days=6.9) < release.original_until - datetime.now(UTC) < timedelta(days=7)
    assert store().sha256(UPLOAD) == sha256_of(file)
    assert held(release) == 1000 + stored_size(release)

    assert forget_originals() == 0
    with sync_session() as session:
        session.get_one(Release, release.id).original_until = datetime.now(UTC) - timedelta(seconds=1)
    assert forget_originals() == 1
    assert not store().exists(UPLOAD)
    assert held(release) == stored_size(release)
    with sync_session() as session:
        after = session.get_one(Release, release.id)
        assert (after.state, after.original, after.original_key) == ("ready", "deleted", None)
        assert (after.sha256, after.object_key) == (sha256_of(file), release.object_key)


def test_a_kept_original_goes_with_its_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "original_days", 7)
    release = check_release_file(save_state_dict(tmp_path))
    monkeypatch.setattr(expiry, "ORPHANED", timedelta(0))
    with sync_session() as session:
        assert expiry.remove_orphans(session) == 0
        session.delete(session.get_one(Release, release.id))
        session.flush()
        assert expiry.remove_orphans(session) == 1
    assert not store().exists(UPLOAD)


def test_what_is_audited_byte_for_byte_is_not_kept_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "original_days", 7)
    save_target(tmp_path / "model.safetensors")
    sha256 = sha256_of(tmp_path / "model.safetensors")
    release = check_release_file(tmp_path / "model.safetensors", sha256=sha256)
    assert (release.original, release.original_key) == ("identical", None)
    assert not store().exists(UPLOAD)


def test_a_rejected_file_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "original_days", 7)
    release = check_release_file(save_state_dict(tmp_path), hyperparameters={"width": 8, "feature_dim": 16})
    assert (release.state, release.original, release.original_key) == ("refused", None, None)
    assert not store().exists(UPLOAD)


def test_an_architecture_that_was_found_by_the_weights_is_written_down(tmp_path: Path) -> None:
    save_target(tmp_path / "model.safetensors")
    release = check_release_file(tmp_path / "model.safetensors", architecture="auto", hyperparameters={})
    assert (release.state, release.architecture) == ("ready", ARCHITECTURE)
    assert release.hyperparameters.items() >= HYPERPARAMETERS.items()


def test_a_checkpoint_that_does_not_fit_is_rejected_and_deleted(tmp_path: Path) -> None:
    save_target(tmp_path / "model.safetensors")
    release = check_release_file(tmp_path / "model.safetensors", hyperparameters={"width": 8, "feature_dim": 16})
    assert (release.state, release.object_key, release.examination) == ("refused", None, None)
    assert release.problem is not None
    assert release.problem["errors"]
    assert not store().exists(UPLOAD)


def test_a_contradicted_order_is_rejected_until_it_is_confirmed(tmp_path: Path) -> None:
    """The stored copy also keeps the file's statements when it is reused."""
    save_target(tmp_path / "model.safetensors")
    order = list(reversed(_described()["classes"]))
    content = {"state_dict": load_file(tmp_path / "model.safetensors"), "classes": order}
    torch.save(content, tmp_path / "model.pt")
    refused = check_release_file(tmp_path / "model.pt")
    assert refused.problem is not None
    assert (refused.state, refused.problem["code"]) == ("refused", "class-order")
    assert refused.problem["errors"][0]["order"] == order
    confirmed = check_release_file(tmp_path / "model.pt", class_order_confirmed=True)
    assert confirmed.examination is not None
    assert confirmed.examination["class_order"] == {"source": "classes", "agrees": False, "confirmed": True}
    fetched(confirmed.object_key or "", tmp_path / "stored")
    again = check_release_file(tmp_path / "stored")
    assert again.problem is not None
    assert again.problem["code"] == "class-order"


@pytest.mark.parametrize("outputs", ["logits", "probabilities"])
def test_digests_of_targets_stay_what_they_were(outputs: Any) -> None:
    """Priors and students of earlier audits are reused.

    Those of a sigmoid that was read as logits are not.
    """
    assert made_into_logits(outputs) == {}
    assert made_into_logits("sigmoid") != {}


def test_a_pickle_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"\x80\x04}q\x00.")
    release = check_release_file(tmp_path / "model.pt")
    assert release.state == "refused"
    assert not store().exists(UPLOAD)


def test_a_good_image_set_becomes_ready(tmp_path: Path) -> None:
    images, labels = blobs(range(3), 4, seed=0)
    np.savez(tmp_path / "set.npz", images=images, labels=labels, identities=np.array(["a", "b", "c"]))
    dataset = check_dataset_file(tmp_path / "set.npz")
    assert (dataset.state, dataset.problem) == ("ready", None)
    assert (dataset.images, dataset.height, dataset.width, dataset.channels) == (12, SIDE, SIDE, 1)
    assert dataset.identities == ["a", "b", "c"]
    assert dataset.images_digest == images_digest(images)
    assert dataset.digest == digest_of(images, labels, ["train"] * 12, ["a", "b", "c"])
    assert dataset.notes == []
    assert dataset.object_key is not None
    assert store().exists(dataset.object_key)
    assert not store().exists(UPLOAD)


def test_a_bad_image_set_is_rejected_and_deleted(tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    dataset = check_dataset_file(tmp_path / "set.zip")
    assert (dataset.state, dataset.object_key, dataset.images_digest) == ("refused", None, None)
    assert dataset.problem is not None
    assert not store().exists(UPLOAD)
