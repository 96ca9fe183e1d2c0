"""A tiny audit through the real stages, one job after another in this process."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select

from app.db.models import Artifact, Audit, ClassKind, Dataset, IdentityOutcome, Job, Reconstruction, Release, Score
from app.db.session import sync_session
from app.jobs.stages import AUDIT_STAGES, WITH_LOOK, Stage
from app.storage import store
from tests.worker.documents import check_document
from tests.worker.rows import drain, events_of, get_audit, jobs_of
from tests.worker.tiny import CLASSES, PER_CLASS, blobs, repeat_audit, save_images, tiny_audit
from worker.evidence.reconstructions import ATTACK, NEAREST_PUBLIC, PRIOR_CONTROL
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


MADE = {ATTACK, PRIOR_CONTROL, NEAREST_PUBLIC}
"""The sources of the pictures of an audit."""


def run_audit(audit_id: UUID) -> Audit:
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is None, audit.problem
    assert audit.state == "succeeded"
    return audit


def digests(audit_id: UUID) -> dict[tuple[str, int, int], str]:
    with sync_session() as session:
        statement = select(Reconstruction).where(Reconstruction.audit_id == audit_id)
        return {(r.source, r.identity, r.restart): r.digest for r in session.execute(statement).scalars()}


def count(model: Any, audit_id: UUID) -> int:
    with sync_session() as session:
        return int(session.execute(select(func.count()).where(model.audit_id == audit_id)).scalar_one())


def test_an_audit_ends_with_a_verdict_its_evidence_and_its_costs(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path)
    audit = run_audit(audit_id)
    result = audit.result
    assert result is not None
    check_document(result)
    assert result["schema"] == "exhume.result/1"
    assert result["verdict"] == audit.verdict
    assert audit.verdict in {"PASS", "FAIL", "INCONCLUSIVE"}
    assert result["sentence"].startswith(audit.verdict)
    assert result["figures"]["attack_accuracy_top1"]["n"] == 6
    assert result["risk"]["low"] <= result["risk"]["value"] <= result["risk"]["high"]
    assert [stage["stage"] for stage in result["stages"]] == [
        stage.value for stage in AUDIT_STAGES if stage not in WITH_LOOK | {"score"}
    ]
    (machine,) = result["machines"]
    assert machine["stages"] == [stage["stage"] for stage in result["stages"]]
    assert result["hardware"] == machine["hardware"] | {"precision": machine["searches"][0]["precision"]}
    assert all(stage["seconds"] > 0 and stage["peak_memory_bytes"] > 0 for stage in result["stages"])
    assert result["inputs"]["reconstructions"] == audit.frozen_digest
    assert set(result["intake"]) == {"format", "sandbox", "architecture_detected", "also_fits"}
    assert result["coverage"] == {"planned": 6, "scored": 6, "classes": 8, "every_class": False}
    assert "2 people outside the sample" in result["not_tested"]
    assert (result["sampling"]["audited"], result["sampling"]["of"]) == (6, 8)
    reference = result["power"]["reference"]
    assert reference["source"] == "trained", "no reference model is shipped for this prior"
    assert not reference["known_to_leak"], "nobody has measured its leak"
    assert {"training_accuracy", "held_out_accuracy", "memorisation_gap"} == set(reference["figures"])
    assert reference["words"].startswith("a reference model without defences, trained on your references (it labels ")
    assert count(Reconstruction, audit_id) == 6 * 2 + 2 * 6
    assert count(IdentityOutcome, audit_id) == 6
    assert count(Score, audit_id) >= 6
    assert [event["reconstructions"] for event in events_of(audit_id, "frozen")] == [24]
    assert [event["verdict"] for event in events_of(audit_id, "result")] == [audit.verdict]

    again = repeat_audit(audit_id, shard_size=4)
    run_audit(again)
    assert digests(again) == digests(audit_id), "the same seeds give the same images in shards of another size"
    assert jobs_of(again, "prior")[0].result == jobs_of(audit_id, "prior")[0].result | {"source": "reused"}  # type: ignore[operator]
    assert get_audit(again).result["power"] == result["power"] | {"reused": True}  # type: ignore[index]
    assert jobs_of(again, "students")[0].result["source"] == "reused"  # type: ignore[index]


def test_without_references_there_is_no_verdict_but_what_the_target_says(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, private=False, setting="baseline", identities=[1, 3])
    audit = run_audit(audit_id)
    assert audit.result is not None
    check_document(audit.result)
    assert (audit.verdict, audit.evidence_level, audit.risk) == ("INCONCLUSIVE", "unreferenced", None)
    assert audit.result is not None
    assert set(audit.result["figures"]) == {"target_accuracy"}
    assert audit.result["decides"] == ["Upload private images of the audited people and name them in the next audit."]
    assert audit.result["decide_codes"] == ["add_references"]
    assert audit.result["reason_codes"] == ["no_references"]
    weights = audit.result["threat_models"][0]
    assert (weights["access"], weights["tested"], weights["risk"]) == ("white-box", True, None)
    assert "no verifier or evaluator could judge" in weights["words"], "the weights were attacked"
    assert weights["attacks"] == [one["label"] for one in audit.result["attacks"]] == ["GMI, baseline, trained prior"]
    assert jobs_of(audit_id, "students")[0].result == {"key": None, "source": "not used"}
    with sync_session() as session:
        kinds = session.execute(select(Artifact.kind).where(Artifact.project_id == audit.project_id)).scalars().all()
    assert sorted(kinds) == ["findings", "p_reg", "prior"]


def test_a_result_speaks_of_what_the_classes_are_and_says_what_a_rebuilt_class_means(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 3, 5])
    with sync_session() as session:
        session.get_one(Release, session.get_one(Audit, audit_id).release_id).classes_are = ClassKind.CONDITION
    result = run_audit(audit_id).result
    assert result is not None
    check_document(result)
    assert (result["classes_are"], result["noun"]) == ("condition", {"one": "condition", "many": "conditions"})
    assert "of 3 conditions recognised" in result["sentence"]
    assert result["notes"][0].startswith("R counts conditions, not people.")
    said = [result["sentence"], *result["reasons"], *result["decides"], *result["not_tested"], *result["bounds"]]
    assert not [line for line in said if re.search(r"\bpeople\b|\bperson\b|identit", line)]
    assert result["figures"]["target_accuracy"]["unit"] == "share of conditions"


def test_private_images_among_the_public_ones_are_found_and_dropped(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    private, _ = blobs(range(CLASSES), PER_CLASS, seed=2)
    public, _ = blobs(range(100, 120), 1, seed=1)
    public = np.concatenate([public, private])
    save_images(tmp_path / "other.npz", public, np.full(len(public), -1), ["train"] * len(public))
    store().upload(tmp_path / "other.npz", "tiny/public.npz")
    with sync_session() as session:
        row = session.get_one(Dataset, session.get_one(Audit, audit_id).public_dataset_id)
        row.images_digest = images_digest(public)
        row.digest = None
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.state == "failed"
    assert audit.problem is not None
    assert audit.problem["code"] == "too_few_public_images"
    assert audit.problem["detail"].startswith(
        "The public data set has 68 images, of which 20 are left without copies of private images; at least 64 are"
    )
    assert [job.state for job in jobs_of(audit_id, "prepare")] == ["cancelled"], (
        "the audit ended before anything was made"
    )


def test_a_checkpoint_that_changed_in_the_store_is_not_attacked(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path)
    (tmp_path / "other").write_bytes(b"something else")
    store().upload(tmp_path / "other", "tiny/model.safetensors")
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is not None
    assert audit.problem["code"] == "checkpoint_changed"
    assert {job.state for stage in AUDIT_STAGES[1:] for job in jobs_of(audit_id, stage)} == {"cancelled"}


def test_a_lost_artifact_is_made_again(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    drain(audit_id, run_claimed, last=Stage.CONTROLS)
    with sync_session() as session:
        artifact = session.execute(
            select(Artifact).where(Artifact.kind == "prior", Artifact.project_id == get_audit(audit_id).project_id)
        ).scalar_one()
    store().delete(artifact.object_key)
    again = repeat_audit(audit_id, setting="baseline", identities=[1])
    drain(again, run_claimed, last=Stage.CONTROLS)
    assert jobs_of(again, "prior")[0].result["source"] == "trained"  # type: ignore[index]
    assert digests(again) == digests(audit_id)
    assert {source for source, *_ in digests(again)} == MADE


def test_references_stay_closed_until_the_reconstructions_are_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import worker.stages.verify as verify

    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    frozen_at_opening: list[str | None] = []
    real = verify.open_private_set

    def watched(context: Any, inputs: Any, why: str) -> Any:
        frozen_at_opening.append(get_audit(audit_id).frozen_digest)
        return real(context, inputs, why)

    monkeypatch.setattr(verify, "open_private_set", watched)
    drain(audit_id, run_claimed, last=Stage.VERIFY)
    frozen = get_audit(audit_id).frozen_digest
    assert frozen is not None
    assert frozen_at_opening == [frozen]


def test_images_are_sealed(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    drain(audit_id, run_claimed, last=Stage.CONTROLS)
    with sync_session() as session:
        statement = select(Reconstruction.source, Reconstruction.sealed_image)
        found = session.execute(statement.where(Reconstruction.audit_id == audit_id)).all()
        jobs = session.execute(select(Job).where(Job.audit_id == audit_id, Job.stage == Stage.ATTACK)).scalars().all()
    assert {source for source, _ in found} == MADE
    assert all(image is not None and b"PNG" not in image for _, image in found)
    assert all(job.peak_memory_bytes for job in jobs)


def test_reconstructions_that_change_after_the_freeze_are_not_judged(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1])
    verify = jobs_of(audit_id, Stage.VERIFY)[0]
    while jobs_of(audit_id, Stage.VERIFY)[0].state == "waiting":
        drain_one(audit_id)
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        audit.frozen_digest, audit.frozen_at = "sha256:other", audit.created_at
    run_claimed(verify.id)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "reconstructions_changed"
    assert "sha256:other was frozen" in problem["detail"]
    assert jobs_of(audit_id, Stage.VERIFY)[0].attempt == 1, "another attempt would end the same way"


def drain_one(audit_id: UUID) -> None:
    """Run the first queued job."""
    with sync_session() as session:
        statement = select(Job.id).where(Job.audit_id == audit_id, Job.state == "queued").order_by(Job.id)
        job_id = session.execute(statement.limit(1)).scalar_one()
    run_claimed(job_id)
