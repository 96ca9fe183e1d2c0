"""Decisions: made once, made again for a new version, and announced by events."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.contract.decision import Decision
from app.db.models import Audit, Notification
from app.db.session import sync_session
from app.db.states import AuditState
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.gated import LEAKING, RELAXED, events, line, outcomes
from tests.results import RESULT


async def test_the_decision_is_made_on_the_spot_and_once(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    first, again = await of.decision(audit), await of.decision(audit)
    assert again == first
    decision = Decision.model_validate(first)
    assert (decision.outcome, decision.audit, decision.release.target) == ("fail", audit, "badge-reader")
    assert decision.policy.name == "strict"
    assert (first["number"], first["cause"]) == (1, "audit")
    assert events() == [("decision.made", audit), ("decision.failed", audit)]
    assert (await of.get(f"/decisions/{first['id']}")) == first
    log = await of.get(f"/projects/{tenant.project_id}/audit-log")
    assert [entry["subject"] for entry in log["items"] if entry["action"] == "decision.made"] == [audit]
    with pytest.raises(DBAPIError, match="never edited"), sync_session() as session:
        session.execute(text("UPDATE decision SET outcome = 'pass'"))


async def test_without_a_policy_or_an_end_there_is_no_decision(tenant: Tenant) -> None:
    of = await line(tenant)
    release = await of.release()
    path = f"/api/v1/audits/{of.audit(release)}/decision"
    problem(await tenant.client.get(path), 409, "no_policy")
    await of.policy()
    assert (await tenant.client.get(path)).json()["outcome"] == "pass"
    running = of.row(release, state=AuditState.RUNNING)
    problem(await tenant.client.get(f"/api/v1/audits/{running}/decision"), 409, "not_finished")


async def test_an_audit_without_a_result_is_decided_by_its_problem(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy()
    problem_of_it = {"code": "worker_lost", "detail": "The worker stopped answering."}
    decision = await of.decision(of.row(await of.release(), state=AuditState.FAILED, problem=problem_of_it))
    assert outcomes(decision)["EXH009"] == "fail"
    assert "The worker stopped answering." in decision["sentence"]


async def test_a_new_version_decides_again_without_an_attack(tenant: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    first = await of.decision(audit)
    generous = RELAXED | {"budgets": {"white_box": 0.9}}
    await of.post(f"/policies/{made['id']}/versions", {"policy": generous})
    second = await of.decision(audit)
    assert (first["outcome"], second["outcome"]) == ("fail", "pass")
    assert (second["number"], second["cause"], second["policy"]["version"]) == (2, "policy", 2)
    listed = await of.get(f"/audits/{audit}/decisions")
    assert [one["id"] for one in listed["items"]] == [second["id"], first["id"]]
    assert events()[2:] == [("decision.made", audit)]


async def test_a_policy_that_comes_later_decides_old_audits_silently(tenant: Tenant) -> None:
    of = await line(tenant)
    audit = of.audit(await of.release(), ended=datetime.now(UTC) - timedelta(days=3), **LEAKING)
    await of.policy()
    assert (await of.decision(audit))["outcome"] == "fail"
    assert events() == []


async def test_a_changed_outcome_of_an_older_release_is_silent(tenant: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    audits = [of.audit(await of.release()) for _ in range(2)]
    for audit in audits:
        assert (await of.decision(audit))["outcome"] == "pass"
    before = len(events())
    await of.post(f"/policies/{made['id']}/versions", {"policy": RELAXED | {"fewest_identities": 7}})
    for audit in audits:
        assert (await of.decision(audit))["outcome"] == "fail"
    assert events()[before:] == [("decision.made", audits[1]), ("decision.failed", audits[1])]


async def test_a_verdict_of_an_older_engine_no_longer_counts_if_the_policy_asks(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy(freshness={"same_engine": True})
    start = datetime.now(UTC)
    audit = of.audit(await of.release(), ended=start)
    for _ in range(2):
        assert (await of.decision(audit))["number"] == 1
    code = RESULT["code"] | {"engine": "sha256:" + "9" * 64}
    other = of.audit(await of.release(), ended=start + timedelta(seconds=1), code=code)
    for _ in range(2):
        decision = await of.decision(audit)
        assert (decision["number"], decision["cause"], outcomes(decision)["EXH008"]) == (2, "time", "fail")
    assert (await of.decision(other))["outcome"] == "pass"


async def test_r_is_compared_with_the_last_release_that_passed(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy(regression={"tolerance": 0.02, "severity": "warn"})
    start = datetime.now(UTC)
    values = [0.01, 0.035, 0.034, 0.02]
    found = []
    for number, value in enumerate(values):
        ended = start + timedelta(seconds=number)
        audit = of.audit(await of.release(), ended=ended, value=value, high=0.04, regression=None)
        found.append((audit, await of.decision(audit)))
    assert [outcomes(decision)["EXH006"] for _, decision in found] == ["pass", "warn", "warn", "pass"]
    assert [audit for kind, audit in events() if kind == "decision.regressed"] == [found[1][0], found[2][0]]


async def test_names_of_earlier_releases_are_known_and_those_of_replays_are_not(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy(new_findings="fail")
    start = datetime.now(UTC)
    first = await of.release()
    of.audit(first, ended=start, named=("Ada",))
    of.audit(await of.release(), ended=start, named=("Grace",))
    with sync_session() as session:
        replay = of.audit(first, ended=start, named=("Katherine",))
        session.get_one(Audit, seeds.uuid_of(replay)).replay_of = seeds.uuid_of(replay)
    now = await of.release()
    known = of.audit(now, ended=start + timedelta(seconds=1), named=("Ada", "Grace"))
    assert (await of.decision(known))["outcome"] == "pass"
    new = of.audit(now, ended=start + timedelta(seconds=2), named=("Katherine",))
    decision = await of.decision(new)
    assert outcomes(decision)["EXH007"] == "fail"
    assert "Katherine" not in str(decision)


async def test_events_carry_no_names_even_if_reports_do(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy(new_findings="fail", name_identities=True)
    decision = await of.decision(of.audit(await of.release(), named=("Katherine",)))
    assert "Katherine" in decision["sentence"]
    with sync_session() as session:
        payloads = [row.payload for row in session.scalars(select(Notification))]
    assert len(payloads) == 2
    assert "Katherine" not in str(payloads)
    assert "1 person" in payloads[0]["sentence"]


async def test_decisions_of_a_target_are_listed_newest_first(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy()
    made = [await of.decision(of.audit(await of.release())) for _ in range(3)]
    page = await of.get(f"/targets/{of.target}/decisions?limit=2")
    rest = await of.get(f"/targets/{of.target}/decisions?limit=2&cursor={page['next_cursor']}")
    assert [one["id"] for one in page["items"] + rest["items"]] == [one["id"] for one in reversed(made)]
