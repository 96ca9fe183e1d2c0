"""The first stage: measurements before the attack, stopped audits, older versions."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import delete, select

from app.db.models import Audit, AuditLogEntry, Dataset, Job
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs.stages import NEEDS_RELEASE_THAT_FITS, Stage
from tests.worker.documents import check_document
from tests.worker.rows import drain, events_of, get_audit, jobs_of
from tests.worker.test_audit import digests
from tests.worker.test_bad_input import replaced
from tests.worker.test_broken_models import audited
from tests.worker.test_verified import PixelVerifier, judges, seat_these  # noqa: F401 - a fixture
from tests.worker.tiny import CLASSES, PER_CLASS, blobs, repeat_audit, tiny_audit, trained
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


def change_set(
    audit_id: UUID, role: str, folder: Path, images: np.ndarray, labels: np.ndarray, split: list[str]
) -> None:
    """Put other images into the audit's public or private set."""
    with sync_session() as session:
        row = session.get_one(Dataset, getattr(session.get_one(Audit, audit_id), f"{role}_dataset_id"))
        replaced(row, folder, images, labels, split)


def with_copies(audit_id: UUID, folder: Path) -> None:
    """Mix private images into the public set: unchanged, mirrored, noisy and shifted."""
    images, _ = blobs(range(CLASSES), PER_CLASS, seed=2)
    noise = np.random.default_rng(5).integers(-3, 4, images.shape)
    public, _ = blobs(range(100, 120), 5, seed=1)
    noisy = np.clip(images[10:12].astype(int) + noise[10:12], 0, 255).astype(np.uint8)
    shifted = np.roll(images[20:22], 1, axis=2)
    mixed = np.concatenate([public[:50], images[:3], images[5:7, :, ::-1], noisy, shifted, public[50:]])
    change_set(audit_id, "public", folder, mixed, np.full(len(mixed), -1), ["train"] * len(mixed))


def test_the_public_images_that_are_dropped_are_those_that_prepare_dropped(tmp_path: Path) -> None:
    """Recorded with the version before this stage. The digest depends only on the images."""
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    with_copies(audit_id, tmp_path)
    for stage in (Stage.REFERENCES, Stage.PREPARE, Stage.PRIOR):
        run_claimed(jobs_of(audit_id, stage)[0].id)
    dropped = {"compared": True, "exact": 3, "near": 4, "alike": 0, "dropped": [50, 51, 52, 53, 54, 55, 56]}
    references, prepared, prior = (jobs_of(audit_id, stage)[0].result for stage in ("references", "prepare", "prior"))
    assert references is not None
    assert prepared is not None
    assert prior is not None
    assert references["contamination"] == prepared["contamination"] == dropped
    assert prepared["public_digest"] == "sha256:de3cc832dff9f0df810e6f241b442b913871b5396e17b02578a4444cdb3a7cea"
    assert prior["key"] == "sha256:244400f9a37bcbd052d43d613b22984c94c01b144ec79a443e64c67739ccdc17"


def test_what_was_measured_is_reported_before_the_attack_and_stands_in_the_result(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    run_claimed(jobs_of(audit_id, Stage.REFERENCES)[0].id)
    (findings,) = events_of(audit_id, "references")
    assert (findings["fit"]["state"], findings["stopped"], findings["notes"]) == ("trained", None, [])
    assert findings["fit"]["images"] == CLASSES * (PER_CLASS - 1), "training images, not held-out ones"
    drain(audit_id, run_claimed)
    result = get_audit(audit_id).result
    assert result is not None
    assert (result["fit"], result["stopped"]) == (findings["fit"], None)


def queued_by_an_older_version(audit_id: UUID) -> None:
    """Give an audit the jobs of a version without this stage."""
    with sync_session() as session:
        session.execute(delete(Job).where(Job.audit_id == audit_id, Job.stage == Stage.REFERENCES))
        (prepare,) = session.execute(select(Job).where(Job.audit_id == audit_id, Job.stage == "prepare")).scalars()
        prepare.state = JobState.QUEUED


def test_an_audit_that_an_older_version_queued_runs_to_its_end_with_the_same_reconstructions(tmp_path: Path) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    with_copies(first, tmp_path)
    drain(first, run_claimed)
    older = repeat_audit(first, setting="baseline")
    queued_by_an_older_version(older)
    drain(older, run_claimed)
    results = [get_audit(audit_id).result for audit_id in (first, older)]
    assert get_audit(older).problem is None
    assert results[0] is not None
    assert results[1] is not None
    check_document(results[1])
    assert digests(older) == digests(first)
    for name in ("contamination", "fit", "verifiers", "risk", "figures"):
        assert results[0][name] == results[1][name], name
    with sync_session() as session:
        log = session.execute(select(AuditLogEntry).order_by(AuditLogEntry.seq)).scalars().all()
    opened = [entry.details["stage"] for entry in log if entry.action == "private_set.opened"]
    assert opened == ["references", "verify", "power", "prepare", "verify", "power"], "prepare did its work"


def test_an_audit_that_an_older_version_prepared_runs_to_its_end(tmp_path: Path) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    drain(first, run_claimed)
    older = repeat_audit(first, setting="baseline")
    queued_by_an_older_version(older)
    run_claimed(jobs_of(older, Stage.PREPARE)[0].id)
    with sync_session() as session:
        (prepare,) = session.execute(select(Job).where(Job.audit_id == older, Job.stage == "prepare")).scalars()
        assert prepare.result is not None
        prepare.result = {name: value for name, value in prepare.result.items() if name != "references"}
    drain(older, run_claimed)
    audit, new = get_audit(older), get_audit(first)
    assert (audit.state, audit.problem) == ("succeeded", None)
    assert audit.result is not None
    assert new.result is not None
    check_document(audit.result)
    assert digests(older) == digests(first)
    assert audit.result["fit"] == new.result["fit"], "measured when the set is opened to judge"


def test_a_release_that_does_not_fit_stops_an_older_audit_too(tmp_path: Path) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    permuted = audited(first, trained(shift=3), tmp_path / "permuted.safetensors")
    older = repeat_audit(first, setting="baseline")
    queued_by_an_older_version(older)
    drain(older, run_claimed)
    audit = get_audit(older)
    assert permuted.result is not None
    assert audit.result is not None
    assert audit.result["stopped"] == permuted.result["stopped"]
    assert digests(older) == {}
    skipped = [job.result for stage in NEEDS_RELEASE_THAT_FITS for job in jobs_of(older, stage)]
    assert all(result == {"skipped": audit.result["stopped"]["code"]} for result in skipped)


IMAGES, LABELS = blobs(range(CLASSES), PER_CLASS, seed=2)


@pytest.mark.parametrize(
    "case", ["held-out only", "unknown names", "few public images", "no training image of the plan"]
)
def test_what_is_known_at_the_start_ends_the_audit_there_and_says_what_to_do(tmp_path: Path, case: str) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 2])
    split = ["train"] * len(LABELS)
    match case:
        case "held-out only":
            change_set(audit_id, "private", tmp_path, IMAGES, LABELS, ["held-out"] * len(LABELS))
            code, advice = "no_training_images", "Upload the images that the model was trained on"
        case "no training image of the plan":
            split = ["held-out" if label in {1, 2} else "train" for label in LABELS]
            change_set(audit_id, "private", tmp_path, IMAGES, LABELS, split)
            code, advice = "no_training_images", "Upload the images that the model was trained on"
        case "unknown names":
            with sync_session() as session:
                row = session.get_one(Dataset, session.get_one(Audit, audit_id).private_dataset_id)
                row.identities = [f"person {label}" for label in range(CLASSES)]
                row.digest = None
            code, advice = "unknown_identities", "name its folders or labels as the release names its classes"
        case _:
            few, _ = blobs(range(100, 110), 1, seed=1)
            change_set(audit_id, "public", tmp_path, few, np.full(len(few), -1), ["train"] * len(few))
            code, advice = "too_few_public_images", "Upload a larger public data set"
    drain(audit_id, run_claimed)
    audit, (job,) = get_audit(audit_id), jobs_of(audit_id, Stage.REFERENCES)
    assert audit.state == "failed"
    assert audit.problem is not None
    assert (audit.problem["code"], audit.problem["status"]) == (code, 422)
    assert advice in audit.problem["detail"]
    assert "fault of the service" not in audit.problem["detail"]
    assert (job.state, job.attempt) == ("failed", 1), "another attempt would end the same way"


def test_a_public_set_that_is_too_small_fails_before_compute_without_private_images_too(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, private=False, setting="baseline", identities=[1])
    few, _ = blobs(range(100, 110), 1, seed=1)
    change_set(audit_id, "public", tmp_path, few, np.full(len(few), -1), ["train"] * len(few))
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is not None
    assert audit.problem["detail"].startswith("The public data set has 10 images; at least 64 are needed.")


class Blurred(PixelVerifier):
    """A verifier whose embedding is half noise: better than guessing, but not good enough."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        seen = super().embed(images)
        seeds = [int.from_bytes(hashlib.sha256(image.tobytes() + self.name.encode()).digest()[:4]) for image in images]
        unseen = np.stack([np.random.default_rng(seed).normal(size=seen.shape[1]) for seed in seeds])
        mixed = seen + 1.7 * unseen / np.linalg.norm(unseen, axis=1, keepdims=True)
        unit: np.ndarray = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
        return unit


def test_a_shipped_verifier_that_sees_too_little_judges_only_where_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_these(monkeypatch, [Blurred(1), PixelVerifier(2)])
    by_default = tiny_audit(tmp_path, setting="baseline", identities=[1, 2, 3])
    drain(by_default, run_claimed)
    named = repeat_audit(by_default, setting="baseline", identities=[1, 2, 3], verifiers_chosen=True)
    drain(named, run_claimed)
    left_out, asked = (get_audit(audit_id).result for audit_id in (by_default, named))
    assert left_out is not None
    assert asked is not None
    cards = {card["name"]: card for card in left_out["verifiers"]}
    assert {name: card["refused"] for name, card in cards.items()} == {"pixels-1": True, "pixels-2": False}
    assert cards["pixels-1"]["rank1_on_references"] > 2 / CLASSES, "it is not blind"
    seen = {name: card["figures"]["sensitivity_alone"]["value"] for name, card in cards.items()}
    assert seen["pixels-1"] < 0.5 <= seen["pixels-2"]
    assert "The shipped verifier pixels-1 recognises" in cards["pixels-1"]["reason"]
    (findings,) = events_of(by_default, "references")
    assert findings["notes"][0] == cards["pixels-1"]["reason"]
    assert findings["notes"][1].startswith("1 verifier judges these images; two are needed to verify anything.")
    assert set(findings["notes"]) <= set(left_out["notes"])
    assert left_out["evidence_level"] == "evaluator"
    assert asked["evidence_level"] == "verified"
    assert [card["refused"] for card in asked["verifiers"]] == [False, False]


class Blind(PixelVerifier):
    """A verifier that returns the same embedding for every image."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        return super().embed(np.zeros_like(images))


def test_a_blind_verifier_is_dropped_although_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seat_these(monkeypatch, [Blind(1)])
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 2, 3], verifiers_chosen=True)
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert (audit.state, audit.evidence_level) == ("succeeded", "evaluator")
    assert audit.result is not None
    (card,) = audit.result["verifiers"]
    assert card["refused"]
    assert "no better than guessing among 8" in card["reason"]
    assert "No verifiers judge these images" in " ".join(audit.result["notes"])


def test_planned_classes_without_training_images_are_named_before_the_attack(
    tmp_path: Path,
    judges: list[Any],  # noqa: F811
) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 2])
    split = ["held-out" if label == 1 or i % PER_CLASS == 0 else "train" for i, label in enumerate(LABELS)]
    change_set(audit_id, "private", tmp_path, IMAGES, LABELS, split)
    run_claimed(jobs_of(audit_id, Stage.REFERENCES)[0].id)
    (findings,) = events_of(audit_id, "references")
    assert findings["notes"] == [
        "Private training images are missing for 1 of the planned classes, such as class 1: the verdict will be "
        "INCONCLUSIVE. Add them, or audit fewer."
    ]


ROWS = np.arange(len(LABELS))
ODD_SETS: dict[str, tuple[np.ndarray, np.ndarray]] = {  # which images are in the set, and which of them are held out
    "one class": (LABELS == 1, ROWS % PER_CLASS == 0),
    "one training and one held-out image of each class": (ROWS % PER_CLASS < 2, ROWS % PER_CLASS == 0),
    "held-out images of other classes only": (ROWS >= 0, LABELS != 1),
    "one image": (ROWS == PER_CLASS + 1, ROWS < 0),
}


@pytest.mark.parametrize("verifiers", [0, 2])
@pytest.mark.parametrize("case", ODD_SETS)
def test_a_private_set_that_measures_little_is_judged_by_what_it_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, verifiers: int
) -> None:
    seat_these(monkeypatch, [PixelVerifier(seed) for seed in range(verifiers)])
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1], verifiers_chosen=True)
    kept, held_out = ODD_SETS[case]
    split = ["held-out" if one else "train" for one in held_out[kept]]
    change_set(audit_id, "private", tmp_path, IMAGES[kept], LABELS[kept], split)
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("succeeded", None)
    assert audit.verdict != "PASS"
    assert audit.result is not None
    check_document(audit.result)
