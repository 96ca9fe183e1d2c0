"""The verified level, with two stand-ins for bundled verifiers."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import torch
from sqlalchemy import select

import worker.evidence.before_the_attack as before_the_attack
import worker.evidence.prior_training as prior_training
import worker.stages.power as power
import worker.stages.verify as verify
from app.contract.likeness import Likeness
from app.contract.result import Result
from app.db.models import Artifact, Audit, IdentityOutcome, Reconstruction, Release, Score
from app.db.session import sync_session
from app.storage import store
from tests.examinations import examination
from tests.worker.documents import check_document
from tests.worker.rows import drain, get_audit, jobs_of
from tests.worker.tiny import CLASSES, PER_CLASS, repeat_audit, save_target, tiny_audit, trained
from worker.evaluation.verification import verify as verification_of
from worker.evidence.files import sha256_of
from worker.evidence.findings import Findings
from worker.evidence.stored_findings import load_findings, save_findings
from worker.inversion.targets import Target
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


class PixelVerifier:
    """Embeds an image as a random projection of its pixels."""

    def __init__(self, seed: int) -> None:
        self.name, self.seed = f"pixels-{seed}", seed
        self.digest = f"sha256:{hashlib.sha256(self.name.encode()).hexdigest()}"

    def embed(self, images: np.ndarray) -> np.ndarray:
        rows = images.reshape(len(images), -1).astype(np.float32) - 128
        projected = rows @ np.random.default_rng(self.seed).normal(size=(rows.shape[1], 32)).astype(np.float32)
        unit: np.ndarray = projected / np.linalg.norm(projected, axis=1, keepdims=True)
        return unit


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> list[PixelVerifier]:
    pair = [PixelVerifier(1), PixelVerifier(2)]
    seat_these(monkeypatch, pair)
    return pair


def seat_these(monkeypatch: pytest.MonkeyPatch, verifiers: list[Any]) -> None:
    """Make every stage use these verifiers."""
    for stage in (before_the_attack, verify, power):
        monkeypatch.setattr(stage, "open_verifiers", lambda context, inputs: list(verifiers))


def test_two_verifiers_make_a_verified_result(tmp_path: Path, judges: list[PixelVerifier]) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline")
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is None, audit.problem
    assert audit.evidence_level == "verified"
    result = audit.result
    assert result is not None
    Result.model_validate(result)
    check_document(result)
    power = result["power"]
    assert (power["n"], power["reference"]["source"], power["reused"]) == (8, "trained", False)
    assert (result["verdict"], result["stopped"], result["fit"]["state"]) == ("INCONCLUSIVE", None, "trained")
    assert result["risk"]["correction"]["sensitivity"] > 0.5, "held-out images measure it"
    assert {"knn_distance_pixels-1", "feature_distance_evaluator", "kernel_distance", "member_gap"} <= set(
        result["figures"]
    )
    assert {"verified", "overfitting_gap", "control", "risk", "attack_accuracy_top1"} <= set(result["figures"])
    assert set(result["controls"]) == {"prior", "nearest-public", "permuted"}
    assert [card["name"] for card in result["verifiers"]] == ["pixels-1", "pixels-2"]
    for card in result["verifiers"]:
        assert card["references"] == 8, "one held-out image of each class"
        assert card["rank1_on_references"] > 0.9, "the patterns are easy to tell apart"
        assert card["figures"]["sensitivity_alone"]["value"] > 0.5
        assert card["figures"]["specificity_alone"]["value"] > 0.9
        assert card["false_match_rate"] <= 0.01
    with sync_session() as session:
        every = session.execute(select(Score).where(Score.audit_id == audit_id)).scalars().all()
        outcomes = session.execute(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)).scalars().all()
        statement = select(Reconstruction.id, Reconstruction.identity).where(
            Reconstruction.audit_id == audit_id, Reconstruction.source == "attack"
        )
        made = dict(session.execute(statement).all())
        submitted = dict(session.execute(statement.where(Reconstruction.submitted)).all())
    scores = [score for score in every if score.reconstruction_id in submitted]
    assert len(scores) == 6 * 3
    others = [score for score in every if score.reconstruction_id not in submitted]
    assert {score.reconstruction_id for score in others} == set(made) - set(submitted), "every restart is judged"
    assert all(score.kind == "verifier" and score.details == {} for score in others)
    for score in scores:
        if score.kind == "verifier":
            likeness = Likeness.model_validate(score.details)
            own = [one for one in likeness.neighbours if one.identity == submitted[score.reconstruction_id]]
            assert len(likeness.neighbours) == 5
            assert [one.similarity for one in likeness.neighbours] == sorted(
                (one.similarity for one in likeness.neighbours), reverse=True
            )
            assert (score.rank <= 5) == bool(own)
            assert score.rank != 1 or likeness.neighbours[0] == own[0]
            assert [one.index for one in likeness.references][:1] == [score.nearest_reference]
            assert likeness.public is not None
            assert likeness.public.index >= 0
            assert score.nearest_reference is not None
            assert score.nearest_reference // PER_CLASS == submitted[score.reconstruction_id], "of its own identity"
            assert score.nearest_reference % PER_CLASS != 0, "held-out images are not references"
    recognised = {
        identity: sum(
            all(s.passed for s in every if s.reconstruction_id == row and s.kind == "verifier")
            for row, of in made.items()
            if of == identity
        )
        for identity in submitted.values()
    }
    counted = {o.identity: o.details["restarts"]["recognised"] for o in outcomes if "restarts" in o.details}
    assert {identity: recognised[identity] for identity in counted} == counted, "rows and counts agree"
    passed = {
        identity: [s.passed for s in scores if submitted[s.reconstruction_id] == identity and s.kind == "verifier"]
        for identity in submitted.values()
    }
    assert {o.identity: o.verified for o in outcomes} == {identity: all(p) for identity, p in passed.items()}
    assert result["figures"]["verified"]["value"] == pytest.approx(np.mean([o.verified for o in outcomes]))


def test_findings_come_back_as_they_were(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (12, 8, 8), dtype=np.uint8)
    labels = np.repeat(np.arange(4), 3)
    verification = verification_of(
        images[:4],
        np.arange(4),
        images,
        labels,
        [PixelVerifier(1), PixelVerifier(2)],  # type: ignore[list-item]
        reconstructions=images[:4],
        reconstructed_for=np.arange(4),
        controls={"prior": images[4:8]},
    )
    top5 = np.array([[0, 1], [1, 0], [2, 3], [3, 2]])
    before = Findings(np.arange(4), np.array([True, False, True, True]), top5, verification, [7], {"evaluator": None})
    save_findings(before, tmp_path / "findings.npz")
    after = load_findings(tmp_path / "findings.npz")
    assert after.verification is not None
    assert (after.missing, after.cards) == ([7], {"evaluator": None})
    np.testing.assert_array_equal(after.evaluator_top5, top5)
    np.testing.assert_array_equal(after.verification.hits, verification.hits)
    np.testing.assert_array_equal(after.verification.control_hits["prior"], verification.control_hits["prior"])
    for old, new in zip(verification.readings, after.verification.readings, strict=True):
        assert (new.name, new.digest, new.threshold) == (old.name, old.digest, old.threshold)
        np.testing.assert_array_equal(new.similarity, old.similarity)


def add_twin(folder: Path, audit_id: UUID) -> str:
    """Give an audit a twin without the identities 1 and 3. Return the SHA-256 of its file."""
    save_target(folder / "twin.safetensors", trained(seed=5))
    store().upload(folder / "twin.safetensors", "tiny/twin.safetensors")
    sha256 = sha256_of(folder / "twin.safetensors")
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        release = session.get_one(Release, audit.release_id)
        names = ("architecture", "hyperparameters", "convention", "classes", "target_id", "project_id", "state")
        twin = Release(
            **{name: getattr(release, name) for name in names},
            version="twin",
            object_key="tiny/twin.safetensors",
            examination=examination(checkpoint_sha256=sha256),
            twin_of=release.id,
            replaced=[],
        )
        session.add(twin)
        session.flush()
        audit.twin_release_id = twin.id
        planned = {"release": "rel_0", "checkpoint": f"sha256:{sha256}", "identities": [1, 3], "replaced": []}
        audit.plan = audit.plan | {"twin": planned}
    return sha256


def test_a_twin_is_attacked_and_scored_on_the_identities_it_never_saw(
    tmp_path: Path, judges: list[PixelVerifier]
) -> None:
    audit_id = tiny_audit(tmp_path, setting="lomma", identities=[0, 1, 2, 3])
    sha256 = add_twin(tmp_path, audit_id)
    drain(audit_id, run_claimed)
    result = get_audit(audit_id).result
    assert result is not None, get_audit(audit_id).problem
    check_document(result)
    assert result["twin"]["identities"] == ["class 1", "class 3"]
    twin = result["twin"]
    assert (twin["n"], twin["attack"]) == (2, "GMI, +LOM, trained prior"), "without students below full effort"
    assert set(result["twin"]["accuracy"]["figures"]) == {"on_replaced", "on_others"}
    assert result["inputs"]["twin"] == f"sha256:{sha256}"
    assert "the twin control for 2 of the audited people" in result["not_tested"]
    with sync_session() as session:
        statement = select(Reconstruction).where(Reconstruction.audit_id == audit_id, Reconstruction.source == "twin")
        made = session.execute(statement).scalars().all()
    assert sorted(one.identity for one in made) == [1, 1, 3, 3]
    assert sum(one.submitted for one in made) == 2


def test_a_prior_that_learns_answers_is_trained_for_every_model_that_is_attacked(
    tmp_path: Path, judges: list[PixelVerifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering: list[str] = []
    real = prior_training.train

    def train(*arguments: Any, target: Target, **more: Any) -> None:
        weights = torch.cat([one.flatten() for one in target.network.state_dict().values()])
        answering.append(f"{float(weights.double().sum()):.9f}")
        real(*arguments, target=target, **more)

    monkeypatch.setattr(prior_training, "train", train)
    recipe = {
        "kind": "kedmi",
        "num_classes": CLASSES,
        "steps": 2,
        "width": 4,
        "latent_dim": 6,
        "batch": 4,
        "gp_images": 4,
    }
    kedmi = {"setting": "baseline", "students": 0, "prior_kind": "kedmi", "prior_recipe": recipe}
    audit_id = tiny_audit(tmp_path, identities=[0, 1, 2, 3], **kedmi)
    add_twin(tmp_path, audit_id)
    drain(audit_id, run_claimed)
    assert get_audit(audit_id).problem is None
    assert len(answering) == len(set(answering)) == 3, "the audited model, its twin and the reference model"


def test_public_images_are_embedded_once_for_all_audits_and_private_ones_are_not_kept(
    tmp_path: Path, judges: list[PixelVerifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    class Counting(PixelVerifier):
        def embed(self, images: np.ndarray) -> np.ndarray:
            seen.append(len(images))
            return super().embed(images)

    monkeypatch.setattr(before_the_attack, "open_verifiers", lambda context, inputs: [Counting(1), Counting(2)])
    first = tiny_audit(tmp_path, setting="baseline")
    drain(first, run_claimed)
    public, private = 100, CLASSES * PER_CLASS
    assert sorted(seen) == sorted([public, private] * 2)
    seen.clear()
    again = repeat_audit(first)
    drain(again, run_claimed)
    assert seen == [private] * 2
    results = [jobs_of(audit, "references")[0].result for audit in (first, again)]
    assert results[0]["contamination"] == results[1]["contamination"]  # type: ignore[index]
    with sync_session() as session:
        kept = session.execute(select(Artifact).where(Artifact.kind == "public_embeddings")).scalars().all()
    assert [row.details["images"] for row in kept] == [public] * 2


def test_a_reference_model_is_trained_again_only_where_its_recipe_changes(
    tmp_path: Path, judges: list[PixelVerifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tiny_audit(tmp_path, setting="baseline", identities=[0, 1])
    drain(first, run_claimed)
    monkeypatch.setattr(power, "POWER", replace(power.POWER, version=power.POWER.version + 1))
    again = repeat_audit(first, setting="baseline", identities=[0, 1])
    drain(again, run_claimed)
    before, after = (jobs_of(audit, "power")[0].result or {} for audit in (first, again))
    assert before["key"] != after["key"], "another version of the power check measures again"
    assert before["reference"] == after["reference"], "the model is the same"
    with sync_session() as session:
        kept = session.execute(select(Artifact).where(Artifact.kind == "power_reference")).scalars().all()
    assert len(kept) == 1, "and was trained once"
