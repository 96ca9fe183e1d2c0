"""An audit of two attacks through the real stages, and each of them alone."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db.models import IdentityOutcome, Reconstruction, Score
from app.db.session import sync_session
from tests.worker.documents import check_document
from tests.worker.rows import drain, get_audit, get_job, jobs_of, set_job
from tests.worker.test_verified import PixelVerifier, seat_these
from tests.worker.tiny import repeat_audit, tiny_audit
from worker.job.context import Outcome, StageContext
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

OPTIONS = {"pool": 8, "views": 2, "micro_batch": 4}
TRAINED: dict[str, Any] = {"setting": "lomma"}
PCA: dict[str, Any] = {
    **{"setting": "baseline", "students": 0, "prior": "pca", "prior_kind": "pca", "prior_recipe": None},
    "attack_options": OPTIONS | {"realism_weight": 10.0},
}


DECODER: dict[str, Any] = {
    **{"name": "decoder", "setting": "lom", "students": 0, "prior": "pca", "prior_kind": "pca", "prior_recipe": None},
    "attack_options": {"views": 2, "micro_batch": 4, "realism_weight": 10.0, "selection": "consensus"},
}


def reconstructions(audit_id: UUID, attack: int | None = None) -> dict[tuple[Any, ...], str]:
    with sync_session() as session:
        rows = session.scalars(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).all()
    return {
        (r.source, r.identity, r.restart, *([r.attack] if attack is None else [])): r.digest
        for r in rows
        if attack is None or r.attack == attack
    }


def finished(audit_id: UUID) -> dict[str, Any]:
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("succeeded", None)
    assert audit.result is not None
    check_document(audit.result)
    return audit.result


def test_two_attacks_are_each_what_they_are_alone_in_any_order_and_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_these(monkeypatch, [PixelVerifier(1), PixelVerifier(2)])
    audit_id = tiny_audit(tmp_path, attacks=[TRAINED, PCA])
    shards = jobs_of(audit_id, "attack")
    assert [(job.payload["attack"], job.payload["identities"]) for job in shards] == [
        (attack, pair) for attack in (0, 1) for pair in ([0, 1], [2, 3], [4, 5])
    ]
    for stage in ("references", "prepare", "prior", "students"):
        run_claimed(jobs_of(audit_id, stage)[0].id)
    prior, students = (jobs_of(audit_id, stage)[0].result for stage in ("prior", "students"))
    assert prior is not None
    assert students is not None
    assert [one["recipe"].get("kind") for one in prior["attacks"]] == [None, "pca"]
    assert [one["source"] for one in students["attacks"]] == ["distilled", "not used"]

    run_claimed(shards[4].id, lambda name: crash)
    assert (get_job(shards[4].id).state, get_job(shards[4].id).attempt) == ("queued", 1)
    result = finished(audit_id)
    assert get_job(shards[4].id).attempt == 2

    alone = {0: repeat_audit(audit_id, [TRAINED]), 1: repeat_audit(audit_id, [PCA])}
    results = {attack: finished(one) for attack, one in alone.items()}
    for attack, one in alone.items():
        assert reconstructions(audit_id, attack) == reconstructions(one, 0)
        assert get_audit(one).result["attacks"] == [  # type: ignore[index]
            result["attacks"][attack] | {"minutes": results[attack]["attacks"][0]["minutes"], "added": added(one)}
        ]
    back = repeat_audit(audit_id, [PCA, TRAINED])
    swapped = finished(back)
    assert reconstructions(back, 0) == reconstructions(audit_id, 1)
    assert reconstructions(back, 1) == reconstructions(audit_id, 0)
    assert (swapped["risk"], swapped["power"]["value"]) == (result["risk"], result["power"]["value"])

    assert result["power"]["reused"] is False
    check_union(audit_id, alone, result)


def crash(context: StageContext) -> Outcome:
    raise RuntimeError("the power failed")


def verified(audit_id: UUID) -> dict[int, bool]:
    with sync_session() as session:
        rows = session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)).all()
    return {row.identity: bool(row.verified) for row in rows}


def added(audit_id: UUID) -> int:
    return sum(verified(audit_id).values())


def check_union(audit_id: UUID, alone: dict[int, UUID], result: dict[str, Any]) -> None:
    """Whoever is recognised by one of the attacks alone is recognised here, and nobody else."""
    first, second = (verified(one) for one in alone.values())
    assert verified(audit_id) == {k: first[k] or second[k] for k in first}
    assert [one["added"] for one in result["attacks"]] == [
        sum(first.values()),
        sum(second[k] and not first[k] for k in first),
    ]
    with sync_session() as session:
        outcomes = session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)).all()
        judged = select(Reconstruction.submitted, Score.judge).join(Score, Score.reconstruction_id == Reconstruction.id)
        scores = Counter(map(tuple, session.execute(judged.where(Score.audit_id == audit_id))))
    for outcome in outcomes:
        by = [attack for attack, hits in enumerate((first, second)) if hits[outcome.identity]]
        assert outcome.details["recognised_by"] == by
        assert outcome.details["attack"] in (by or [0, 1])
    submitted = {judge: number for (of_submission, judge), number in scores.items() if of_submission}
    assert sorted(submitted.values()) == [2 * 6] * 3, "two verifiers and the evaluator judge the submissions"
    assert sorted(number for (one, _), number in scores.items() if not one) == [2 * 6] * 2, "verifiers judge the others"
    assert [one["label"] for one in result["attacks"]] == ["GMI, LOMMA, trained prior", "GMI, baseline, PCA prior"]
    assert len(result["settings"]["attacks"]) == 2
    assert result["cost"]["reconstructions_per_identity"] == 4


def test_an_audit_by_the_evaluator_alone_counts_whoever_it_recognises_by_any_attack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_these(monkeypatch, [])
    result = finished(tiny_audit(tmp_path, attacks=[TRAINED, PCA]))
    assert result["evidence_level"] == "evaluator"
    both, lines = result["figures"]["attack_accuracy_top1"], result["attacks"]
    assert round(both["value"] * both["n"]) == sum(one["added"] for one in lines)
    assert [one["verified"] for one in lines] == [None, None]
    assert all(one["risk"]["n"] == 6 for one in lines)


def test_the_strongest_attack_alone_is_counted_where_the_plan_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_these(monkeypatch, [PixelVerifier(1), PixelVerifier(2)])
    audit_id = tiny_audit(tmp_path, attacks=[PCA | {"steps": 1}, PCA])
    with sync_session() as session:
        audit = session.get_one(type(get_audit(audit_id)), audit_id)
        audit.plan = audit.plan | {"combination": "strongest"}
    result = finished(audit_id)
    shares = [one["verified"]["value"] for one in result["attacks"]]
    assert result["figures"]["verified"]["value"] == max(shares)


def test_a_shard_of_an_older_version_is_of_the_only_attack(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[1, 3])
    for stage in ("references", "prepare", "prior", "students"):
        run_claimed(jobs_of(audit_id, stage)[0].id)
    [shard] = jobs_of(audit_id, "attack")
    set_job(shard.id, payload={"identities": [1, 3]})
    run_claimed(shard.id)
    assert get_job(shard.id).state == "succeeded"
    assert {key[:2] for key in reconstructions(audit_id, 0)} == {("attack", 1), ("attack", 3)}


def test_the_decoder_is_fitted_once_and_its_consensus_is_submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_these(monkeypatch, [PixelVerifier(1), PixelVerifier(2)])
    monkeypatch.setattr("worker.inversion.domain_refit.FEWEST_CLASSES", 6)
    monkeypatch.setattr("worker.inversion.domain_refit.certain_share", lambda images, mean: 1.0)
    audit_id = tiny_audit(tmp_path, attacks=[DECODER])
    result = finished(audit_id)
    refit = jobs_of(audit_id, "prior")[0].result["refit"]  # type: ignore[index]
    assert refit["reused"] is False
    assert len(refit["moved"]) == 2
    with sync_session() as session:
        rows = session.scalars(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).all()
    restarts = sorted((r.identity, r.restart, r.submitted) for r in rows if r.source == "attack")
    last = max(restart for _, restart, _ in restarts)
    assert restarts == [(k, r, r == last) for k in range(6) for r in range(last + 1)]
    assert result["cost"]["reconstructions_per_identity"] == last + 1
    assert result["attacks"][0]["label"] == "Decoder, +LOM, PCA prior"
    again = repeat_audit(audit_id, [DECODER])
    finished(again)
    assert jobs_of(again, "prior")[0].result["refit"] == refit | {"reused": True}  # type: ignore[index]
    assert reconstructions(again) == reconstructions(audit_id)
