"""An audit that looks at its first identities, and ends with them if its verdict is certain."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from app.db.models import AuditLogEntry, IdentityOutcome, Job, Reconstruction, Score
from app.db.session import sync_session
from app.jobs.stages import Stage
from tests.worker.documents import check_document
from tests.worker.rows import drain, get_audit, get_job, jobs_of
from tests.worker.test_verified import PixelVerifier, add_twin, seat_these
from tests.worker.tiny import repeat_audit, tiny_audit
from worker.evaluation.early_look import Looked
from worker.runtime.run import run_claimed
from worker.stages import look as look_stage

pytestmark = pytest.mark.usefixtures("settings_env")

LOOK = {"identities": [1, 2, 4], "alpha": 0.001}
BEFORE = ("references", "prepare", "prior", "students", "attack", "controls")


@pytest.fixture(autouse=True)
def judges(monkeypatch: pytest.MonkeyPatch) -> None:
    seat_these(monkeypatch, [PixelVerifier(1), PixelVerifier(2)])


def found(monkeypatch: pytest.MonkeyPatch, answer: str | None) -> list[dict[str, Any]]:
    """Make the look find this answer. Return the arguments that it was asked with."""
    asked: list[dict[str, Any]] = []

    def certain(shown: Any, rivals: Any, **more: Any) -> Looked:
        asked.append(more | {"identities": shown.identities.tolist()})
        return Looked(answer, 0.2, 0.9)  # type: ignore[arg-type]

    monkeypatch.setattr(look_stage, "certain", certain)
    return asked


def digests(audit_id: UUID) -> dict[tuple[Any, ...], str]:
    with sync_session() as session:
        rows = session.scalars(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).all()
        return {(r.source, r.identity, r.restart): r.digest for r in rows}


def result_of(audit_id: UUID) -> dict[str, Any]:
    audit = get_audit(audit_id)
    assert (audit.state, audit.problem) == ("succeeded", None)
    assert audit.result is not None
    check_document(audit.result)
    return audit.result


def test_a_certain_verdict_ends_the_audit_with_the_identities_of_the_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = found(monkeypatch, "FAIL")
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2, 3, 4, 5], look=LOOK)
    add_twin(tmp_path, audit_id)
    drain(audit_id, run_claimed)
    assert asked == [{"identities": [1, 2, 4], "budget": 0.05, "alpha": 0.001, "seed": 7}]
    assert [job.result for job in jobs_of(audit_id, "attack_rest")] == [{"skipped": "verdict_certain"}] * 2
    assert {key[1] for key in digests(audit_id) if key[0] == "attack"} == {1, 2, 4}
    result = result_of(audit_id)
    assert (result["coverage"]["planned"], result["coverage"]["scored"]) == (3, 3)
    assert (result["early_end"]["planned"], result["early_end"]["attacked"]) == (6, 3)
    assert result["early_end"]["words"] == result["notes"][0]
    assert "after a random 3 of the 6 planned people" in result["notes"][0]
    assert result["figures"]["verified"]["n"] == result["risk"]["n"] == 3
    assert result["twin"]["identities"] == ["class 1"], "of the twin's identities, those that were attacked"
    with sync_session() as session:
        outcomes = session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)).all()
        scores = session.scalars(
            select(Reconstruction.identity).join(Score).where(Reconstruction.audit_id == audit_id)
        ).all()
    assert sorted(one.identity for one in outcomes) == [1, 2, 4]
    assert set(scores) == {1, 2, 4}


def test_an_open_verdict_is_that_of_an_audit_without_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, None)
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2, 3, 4, 5], look=LOOK)
    drain(audit_id, run_claimed)
    plain = repeat_audit(audit_id, setting="baseline", identities=[0, 1, 2, 3, 4, 5])
    drain(plain, run_claimed)
    assert digests(audit_id) == digests(plain)
    assert get_audit(audit_id).frozen_digest == get_audit(plain).frozen_digest
    looked, straight = result_of(audit_id), result_of(plain)
    for name in ("verdict", "risk", "figures", "controls", "named", "coverage", "sentence", "notes"):
        assert looked[name] == straight[name], name
    assert "early_end" not in looked
    assert not jobs_of(plain, "look")
    assert not jobs_of(plain, "attack_rest")


def test_each_opening_follows_its_freeze(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, None)
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2, 3, 4, 5], look=LOOK)
    drain(audit_id, run_claimed, last=Stage.VERIFY)
    with sync_session() as session:
        rows = session.scalars(select(AuditLogEntry).order_by(AuditLogEntry.seq)).all()
    assert [(one.action, one.details.get("stage")) for one in rows] == [
        ("private_set.opened", "references"),
        ("audit.frozen", None),
        ("private_set.opened", "look"),
        ("audit.frozen", None),
        ("private_set.opened", "verify"),
    ]


def test_what_the_look_froze_must_not_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, None)
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2, 3, 4, 5], look=LOOK)
    for stage in (*BEFORE, "look"):
        for job in jobs_of(audit_id, stage):
            run_claimed(job.id)
    with sync_session() as session:
        session.execute(delete(Reconstruction).where(Reconstruction.audit_id == audit_id, Reconstruction.identity == 2))
    drain(audit_id, run_claimed)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "reconstructions_changed"
    assert get_job(jobs_of(audit_id, "verify")[0].id).state == "failed"


def test_the_rest_waits_for_the_look(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2, 3, 4, 5], look=LOOK)
    first, rest = jobs_of(audit_id, "attack"), jobs_of(audit_id, "attack_rest")
    assert [job.payload["identities"] for job in first] == [[1, 2], [4]]
    assert [job.payload["identities"] for job in rest] == [[0, 3], [5]]
    for stage in BEFORE:
        for job in jobs_of(audit_id, stage):
            run_claimed(job.id)
    with sync_session() as session:
        later = select(Job.stage, Job.state).where(Job.audit_id == audit_id, Job.stage.not_in(BEFORE))
        states = {row.stage: row.state for row in session.execute(later)}
    assert states == {
        "look": "queued", "attack_rest": "waiting", "verify": "waiting", "power": "waiting", "score": "waiting"
    }  # fmt: skip
