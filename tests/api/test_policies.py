"""Policies: created, versioned, assigned and tested."""

from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from app.db.models import Release
from app.db.session import async_engine, configured_url, sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.gated import CLASSES, LEAKING, RELAXED, line, outcomes


async def test_a_version_is_added_and_never_edited(tenant: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    assert (made["newest"]["version"], made["newest"]["policy"]["budgets"]["white_box"]) == (1, 0.05)
    path = f"/policies/{made['id']}/versions"
    assert (await of.post(path, {"policy": RELAXED}))["version"] == 1
    second = await of.post(path, {"policy": RELAXED | {"inconclusive": "warn"}})
    assert (second["version"], second["digest"] != made["newest"]["digest"]) == (2, True)
    assert [one["version"] for one in (await of.get(path))["items"]] == [2, 1]
    assert (await of.get(f"/policies/{made['id']}"))["newest"] == second
    with pytest.raises(DBAPIError, match="never edited"), sync_session() as session:
        session.execute(text("UPDATE policy_version SET version = 9"))


@pytest.mark.parametrize(
    "policy", [{"budgets": {"white_bocks": 0.1}}, {"budgets": {"white_box": 1}}, {"evidence": "hope"}, {"x": 1}]
)
async def test_a_policy_with_a_mistake_is_rejected(tenant: Tenant, policy: dict[str, Any]) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/policies"
    answer = await tenant.client.post(path, json={"name": "strict", "policy": RELAXED | policy})
    assert problem(answer, 422, "invalid_request")["errors"]


async def test_a_policy_applies_to_its_targets_or_to_all_without_one(tenant: Tenant) -> None:
    of = await line(tenant)
    own = await of.policy("own")
    body = {"name": "default", "policy": RELAXED}
    default = await created(tenant.client, f"/projects/{tenant.project_id}/policies", body)
    for chosen in (own["id"], default["id"]):  # the second takes the place of the first
        answer = await tenant.client.put(f"/api/v1/projects/{tenant.project_id}/policy", json={"policy_id": chosen})
        assert answer.json() == {"policy_id": chosen, "inherited": False}
    assert await of.get(f"/targets/{of.target}/policy") == {"policy_id": own["id"], "inherited": False}
    await of.assign(None)
    assert await of.get(f"/targets/{of.target}/policy") == {"policy_id": default["id"], "inherited": True}
    listed = (await of.get(f"/projects/{tenant.project_id}/policies"))["items"]
    assert [(one["name"], one["is_default"], one["targets"]) for one in listed] == [
        ("default", True, []),
        ("own", False, []),
    ]


async def test_a_policy_is_deleted_once_nothing_uses_it(tenant: Tenant) -> None:
    of = await line(tenant)
    audit = of.audit(await of.release(), low=0.0, value=0.01, high=0.04)
    made = await of.policy()
    decided = await of.decision(audit)
    path, default = f"/api/v1/policies/{made['id']}", f"/api/v1/projects/{tenant.project_id}/policy"
    used = problem(await tenant.client.delete(path), 409, "policy_in_use")
    assert [one["target"] for one in used["errors"]] == [of.target]
    await of.assign(None)
    await tenant.client.put(default, json={"policy_id": made["id"]})
    assert "the default" in problem(await tenant.client.delete(path), 409, "policy_in_use")["detail"]
    await tenant.client.put(default, json={"policy_id": None})
    for _ in range(2):
        assert (await tenant.client.delete(path)).status_code == 204
    assert (await of.get(f"/projects/{tenant.project_id}/policies"))["items"] == []
    assert (await of.get(f"/policies/{made['id']}"))["deleted_at"]
    assert [one["version"] for one in (await of.get(f"/policies/{made['id']}/versions"))["items"]] == [1]
    assert (await of.get(f"/targets/{of.target}/decisions"))["items"] == [decided]
    for target in (default, f"/api/v1/targets/{of.target}/policy"):
        problem(await tenant.client.put(target, json={"policy_id": made["id"]}), 409, "policy_deleted")
    problem(await tenant.client.post(f"{path}/versions", json={"policy": RELAXED}), 409, "policy_deleted")
    assert (await of.policy())["name"] == made["name"]
    log = (await of.get(f"/projects/{tenant.project_id}/audit-log"))["items"]
    assert [one["subject"] for one in log if one["action"] == "policy.deleted"] == [made["id"]]


async def test_a_policy_that_can_never_pass_is_rejected_with_the_identities_it_needs(tenant: Tenant) -> None:
    of = await line(tenant)
    await of.release()
    strict = {"budgets": {"white_box": 0.01}}
    body = {"name": "strict", "policy": RELAXED | strict}
    made = await created(tenant.client, f"/projects/{tenant.project_id}/policies", body)
    for path in (f"/targets/{of.target}/policy", f"/projects/{tenant.project_id}/policy"):
        rejected = await tenant.client.put(f"/api/v1{path}", json={"policy_id": made["id"]})
        assert "at least 299 identities" in problem(rejected, 422, "policy_cannot_pass")["detail"]
    possible = await of.policy("possible")
    answer = await tenant.client.post(f"/api/v1/policies/{possible['id']}/versions", json={"policy": strict})
    problem(answer, 422, "policy_cannot_pass")
    await of.post(f"/policies/{possible['id']}/versions", {"policy": strict | {"inconclusive": "warn"}})


async def test_the_smallest_of_the_newest_releases_decides_whatever_the_number_of_targets(tenant: Tenant) -> None:
    lines = [await line(tenant, f"door {number}") for number in range(4)]
    for of in lines:
        await of.release()
        await of.release()
    policy = await lines[0].policy()
    for of in lines[1:]:
        await of.assign(policy["id"])
    small, path = lines[2].releases, f"/policies/{policy['id']}/versions"
    wanted = {"policy": RELAXED | {"fewest_identities": 50}}
    with sync_session() as session:
        session.get_one(Release, seeds.uuid_of(small[0])).classes = CLASSES[:40]
    read: list[str] = []

    def executed(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        read.append(statement) if "JOIN release" in statement or "FROM release" in statement else None

    engine = async_engine(configured_url()).sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    try:
        assert (await lines[0].post(path, wanted))["version"] == 2  # an older release does not count
    finally:
        event.remove(engine, "before_cursor_execute", executed)
    assert len(read) == 1
    with sync_session() as session:
        session.get_one(Release, seeds.uuid_of(small[1])).classes = CLASSES[:40]
    answer = await tenant.client.post(f"/api/v1{path}", json={"policy": wanted["policy"] | {"fewest_identities": 49}})
    detail = problem(answer, 422, "policy_cannot_pass")["detail"]
    assert detail.startswith("door 2 2 cannot pass. The policy requires 49 identities, and the model has 40 classes.")


async def test_a_draft_is_tested_on_the_last_releases_and_nothing_is_stored(tenant: Tenant) -> None:
    """Each release is compared with the last one that passes by the draft."""
    of = await line(tenant)
    risks = [(0.0, 0.01, 0.04), (0.0, 0.03, 0.045), (0.0, 0.02, 0.04)]
    audits = [of.audit(await of.release(), low=low, value=value, high=high) for low, value, high in risks]
    await of.policy()
    assert (await of.decision(audits[1]))["outcome"] == "pass"
    draft = {"policy": RELAXED | {"regression": {"tolerance": 0.005}}, "target_id": of.target}
    path = f"/projects/{tenant.project_id}/policies/test"
    report = await of.post(path, draft)
    assert [one["audit_id"] for one in report["items"]] == audits
    assert [one["decision"]["outcome"] for one in report["items"]] == ["pass", "fail", "fail"]
    assert [one["stored"] for one in report["items"]] == [None, "pass", None]
    assert report["cannot_pass"] == []
    assert len((await of.get(f"/targets/{of.target}/decisions"))["items"]) == 1
    short = await of.post(path, draft | {"releases": 1})
    assert [one["audit_id"] for one in short["items"]] == audits[2:]
    impossible = await of.post(path, {"policy": RELAXED | {"budgets": {"white_box": 0.01}}})
    assert "299" in impossible["cannot_pass"][0]


async def test_writing_needs_the_scopes(tenant: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    async with with_key(tenant.client._transport, await tenant.key("audits:read")) as reader:  # type: ignore[arg-type]
        body = {"name": "x", "policy": RELAXED}
        problem(await reader.post(f"/api/v1/projects/{tenant.project_id}/policies", json=body), 403, "missing_scope")
        path = f"/api/v1/policies/{made['id']}/versions"
        problem(await reader.post(path, json={"policy": RELAXED}), 403, "missing_scope")
        for path in (f"/targets/{of.target}/policy", f"/projects/{tenant.project_id}/policy"):
            problem(await reader.put(f"/api/v1{path}", json={"policy_id": None}), 403, "missing_scope")
        assert (await reader.get(f"/api/v1/policies/{made['id']}")).status_code == 200


async def test_another_tenants_policies_decisions_and_waivers_lead_nowhere(tenant: Tenant, stranger: Tenant) -> None:
    of = await line(tenant)
    made = await of.policy()
    decision = await of.decision(of.audit(await of.release(), **LEAKING))
    assert outcomes(decision)["EXH001"] == "fail"
    paths = [f"/policies/{made['id']}", f"/policies/{made['id']}/versions", f"/decisions/{decision['id']}"]
    paths += [f"/audits/{decision['audit_id']}/decision", f"/audits/{decision['audit_id']}/decisions"]
    paths += [f"/targets/{of.target}/{part}" for part in ("policy", "decisions", "waivers")]
    paths += [f"/projects/{tenant.project_id}/{part}" for part in ("policy", "policies")]
    for path in paths:
        assert (await stranger.client.get(f"/api/v1{path}")).status_code == 404, path
    theirs = await line(stranger)
    answer = await stranger.client.put(f"/api/v1/targets/{theirs.target}/policy", json={"policy_id": made["id"]})
    problem(answer, 404, "no_such_policy")
