"""Waivers: asked for by one key, approved by another, and bound to a checkpoint."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.gated import LEAKING, Line, line, outcomes, waiver_body
from tests.api.people import join


@pytest.fixture
async def approver(tenant: Tenant, transport: httpx.ASGITransport) -> AsyncIterator[httpx.AsyncClient]:
    """Another key of the project, which may approve waivers."""
    async with with_key(transport, await tenant.key("waivers:approve", "audits:read")) as client:
        yield client


@pytest.fixture
async def leaking(tenant: Tenant) -> tuple[Line, str]:
    """A target whose release fails, and its audit."""
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    assert (await of.decision(audit))["outcome"] == "fail"
    return of, audit


async def approved(of: Line, approver: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Ask for a waiver, and have it approved."""
    asked = await of.post(f"/targets/{of.target}/waivers", waiver_body(**changes))
    answer = await approver.post(f"/api/v1/waivers/{asked['id']}/approve")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_waiver_counts_once_somebody_else_approves_it(
    leaking: tuple[Line, str], approver: httpx.AsyncClient, transport: httpx.ASGITransport
) -> None:
    of, audit = leaking
    asked = await of.post(f"/targets/{of.target}/waivers", waiver_body())
    assert (asked["state"], asked["approved_by"]) == ("requested", None)
    assert (await of.decision(audit))["outcome"] == "fail"
    own = await of.tenant.client.post(f"/api/v1/waivers/{asked['id']}/approve")
    problem(own, 403, "own_waiver")
    async with with_key(transport, await of.tenant.key("waivers:approve", "audits:read", name="ours all")) as alias:
        problem(await alias.post(f"/api/v1/waivers/{asked['id']}/approve"), 403, "own_waiver")
    answer = await approver.post(f"/api/v1/waivers/{asked['id']}/approve")
    assert answer.json()["state"] == "approved"
    decision = await of.decision(audit)
    assert (decision["outcome"], outcomes(decision)["EXH001"], decision["cause"]) == ("warn", "waived", "waiver")
    [shown] = decision["rules"][0]["waivers"]
    assert (shown["id"], shown["asked_by"] != shown["approved_by"]) == (asked["id"], True)
    assert decision["until"] is not None
    problem(await approver.post(f"/api/v1/waivers/{asked['id']}/approve"), 409, "waiver_not_open")


async def test_nobody_approves_what_a_key_that_they_made_asked_for(
    leaking: tuple[Line, str], admin: httpx.AsyncClient, transport: httpx.ASGITransport
) -> None:
    of, project = leaking[0], leaking[0].tenant.project_id
    organisation = (await admin.get(f"/api/v1/projects/{project}")).json()["organisation_id"]
    eve = await join(transport, admin, organisation, "eve@acme.example", "administrator")
    kim = await join(transport, admin, organisation, "kim@acme.example", "approver")
    mine = await created(eve.browser, "/me/keys", {"name": "mine", "scopes": ["keys:write", "waivers:write"]})
    async with with_key(transport, mine["key"]) as client:
        body = {"name": "machine", "scopes": ["waivers:write"]}
        machine = (await created(client, f"/projects/{project}/keys", body))["key"]
    async with with_key(transport, machine) as client:
        asked = await created(client, f"/targets/{of.target}/waivers", waiver_body())
    problem(await eve.browser.post(f"/api/v1/waivers/{asked['id']}/approve"), 403, "own_waiver")
    assert (await kim.browser.post(f"/api/v1/waivers/{asked['id']}/approve")).json()["state"] == "approved"


async def test_a_revoked_waiver_no_longer_counts(leaking: tuple[Line, str], approver: httpx.AsyncClient) -> None:
    of, audit = leaking
    waiver = await approved(of, approver)
    ended = await of.post(f"/waivers/{waiver['id']}/revoke")
    assert (ended["state"], ended["revoked_by"]) == ("ended", "key:ours all")
    decision = await of.decision(audit)
    assert (decision["outcome"], decision["number"]) == ("fail", 3)
    problem(await approver.post(f"/api/v1/waivers/{waiver['id']}/revoke"), 409, "waiver_not_open")
    listed = await of.get(f"/targets/{of.target}/waivers")
    assert [one["id"] for one in listed["items"]] == [waiver["id"]]
    actions = (await of.get(f"/projects/{of.tenant.project_id}/audit-log"))["items"]
    kinds = [entry["action"] for entry in actions if entry["action"].startswith("waiver.")]
    assert sorted(kinds) == ["waiver.approved", "waiver.asked", "waiver.revoked"]


async def test_a_waiver_is_bound_to_the_checkpoint_and_not_carried_over(
    leaking: tuple[Line, str], approver: httpx.AsyncClient
) -> None:
    of, audit = leaking
    await approved(of, approver)
    other = of.audit(await of.release(), **LEAKING)
    assert (await of.decision(other))["outcome"] == "fail"
    same_bytes = of.audit(await of.release(sha256=f"{1:064x}"), **LEAKING)
    assert (await of.decision(same_bytes))["outcome"] == "warn"
    assert (await of.decision(audit))["outcome"] == "warn"


async def test_a_waiver_of_one_rule_hides_no_other(leaking: tuple[Line, str], approver: httpx.AsyncClient) -> None:
    of, _ = leaking
    release = await of.release()
    audit = of.audit(release, evidence_level="evaluator", **LEAKING)
    await approved(of, approver, release_id=release)
    decision = await of.decision(audit)
    assert (decision["outcome"], outcomes(decision)["EXH001"], outcomes(decision)["EXH002"]) == (
        "fail",
        "waived",
        "fail",
    )


async def test_a_finding_is_waived_by_name(tenant: Tenant, approver: httpx.AsyncClient) -> None:
    of = await line(tenant)
    await of.policy(new_findings="fail")
    audit = of.audit(await of.release(), named=("Ada",))
    assert (await of.decision(audit))["outcome"] == "fail"
    await approved(of, approver, rule=None, finding="Ada")
    decision = await of.decision(audit)
    assert (decision["outcome"], outcomes(decision)["EXH007"]) == ("warn", "waived")
    assert "Ada" not in str(decision)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"finding": "Ada"}, "invalid_request"),
        ({"rule": None}, "invalid_request"),
        ({"rule": "EXH010"}, "invalid_request"),
        ({"reason": "short"}, "invalid_request"),
        ({"expires_at": "2026-01-01T00:00:00"}, "invalid_request"),
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC).isoformat()}, "bad_expiry"),
        ({"expires_at": (datetime.now(UTC) + timedelta(days=400)).isoformat()}, "bad_expiry"),
    ],
)
async def test_a_request_that_makes_no_sense_is_rejected(
    leaking: tuple[Line, str], changes: dict[str, Any], code: str
) -> None:
    of, _ = leaking
    answer = await of.tenant.client.post(f"/api/v1/targets/{of.target}/waivers", json=waiver_body(**changes))
    problem(answer, 422, code)


async def test_a_target_without_a_checkpoint_has_nothing_to_waive(tenant: Tenant) -> None:
    of = await line(tenant)
    problem(
        await tenant.client.post(f"/api/v1/targets/{of.target}/waivers", json=waiver_body()), 422, "nothing_to_waive"
    )


async def test_each_step_needs_its_scope(leaking: tuple[Line, str], transport: httpx.ASGITransport) -> None:
    of, _ = leaking
    asked = await of.post(f"/targets/{of.target}/waivers", waiver_body())
    async with with_key(transport, await of.tenant.key("audits:read")) as reader:
        for path, body in (
            (f"/targets/{of.target}/waivers", waiver_body()),
            (f"/waivers/{asked['id']}/approve", None),
            (f"/waivers/{asked['id']}/revoke", None),
        ):
            problem(await reader.post(f"/api/v1{path}", json=body), 403, "missing_scope")
