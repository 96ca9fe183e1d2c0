"""Uploaded verifiers: their intake, and an audit that they judge with a gallery."""

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from app.db.models import Audit, DatasetRole, Project, Verifier
from app.db.session import sync_session
from app.jobs.stages import Stage
from app.storage import store
from bench.hostile.onnx_files import embedder, write
from tests.worker.rows import drain, get_audit, get_job, make_dataset, make_project
from tests.worker.test_intake_stages import UPLOAD, add_job
from tests.worker.tiny import CLASSES, SIDE, blobs, repeat_audit, save_images, tiny_audit
from worker.evidence.files import sha256_of
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


def checked_verifier(file: Path, name: str, project_id: UUID | None = None) -> Verifier:
    store().upload(file, UPLOAD)
    with sync_session() as session:
        project = make_project(session) if project_id is None else session.get_one(Project, project_id)
        row = Verifier(project_id=project.id, name=name, convention={}, state="checking", object_key=UPLOAD)
        row.sha256 = sha256_of(file)
        session.add(row)
        session.flush()
        job_id = add_job(session, project, Stage.INTAKE_VERIFIER, row.id)
    run_claimed(job_id)
    assert get_job(job_id).state == "succeeded", get_job(job_id).problem
    assert not store().exists(UPLOAD)
    with sync_session() as session:
        return session.get_one(Verifier, row.id)


def test_a_rejected_verifier_says_why_and_is_deleted(tmp_path: Path) -> None:
    row = checked_verifier(write(tmp_path / "v", embedder(weights=np.zeros((256, 24), np.float32))), "blank")
    assert (row.state, row.object_key) == ("refused", None)
    assert row.problem is not None
    assert row.problem["code"] == "verifier-constant"


def test_uploaded_verifiers_judge_and_a_blind_one_has_no_say(tmp_path: Path) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    project_id = get_audit(first).project_id
    noise = np.zeros((SIDE * SIDE, 8), np.float32)  # sees differences of pixels inside one patch, which are noise
    for at in range(8):
        noise[4 * at, at], noise[4 * at + 1, at] = 1, -1
    noise[-1, 0] = 0.02
    made = [
        checked_verifier(write(tmp_path / "a", embedder(side=SIDE, seed=1)), "a", project_id),
        checked_verifier(write(tmp_path / "b", embedder(side=SIDE, seed=2)), "b", project_id),
        checked_verifier(write(tmp_path / "c", embedder(side=SIDE, dim=8, weights=noise)), "blind", project_id),
    ]
    assert [(row.state, row.channels, row.height, row.dim) for row in made[:2]] == [("ready", 1, SIDE, 24)] * 2
    planned = [
        {"name": row.name, "digest": f"sha256:{row.sha256}", "source": "uploaded", "convention": {}} for row in made
    ]
    audit_id = repeat_audit(first, setting="baseline", verifiers=planned)
    strangers, labels = blobs(range(200, 205), 3, seed=9)
    save_images(tmp_path / "gallery.npz", strangers, labels - 200, ["train"] * len(labels))
    store().upload(tmp_path / "gallery.npz", "tiny/gallery.npz")
    with sync_session() as session:
        gallery = make_dataset(
            session,
            session.get_one(Project, project_id),
            DatasetRole.GALLERY,
            object_key="tiny/gallery.npz",
            images_digest=images_digest(strangers),
            identities=[f"stranger {n}" for n in range(5)],
        )
        session.get_one(Audit, audit_id).gallery_dataset_id = gallery.id
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is None, audit.problem
    assert audit.evidence_level == "verified"
    assert audit.result is not None
    cards = {card["name"]: card for card in audit.result["verifiers"]}
    assert {name: card["refused"] for name, card in cards.items()} == {"a": False, "b": False, "blind": True}
    assert all(cards[name]["rank1_on_references"] > 0.9 for name in "ab")
    assert all(cards[name]["negatives"] > 100 for name in "ab"), "thresholds are stored with their sample sizes"
    assert "blind to images of this kind" in cards["blind"]["reason"]
    assert audit.result["gallery"] == {"identities": CLASSES, "others": 5, "dropped_images": 0}
