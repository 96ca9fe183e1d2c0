"""Reports of recorded decisions: every format, signed decisions, badges and who may read them."""

import json
from pathlib import Path

import httpx
import pytest

from app.contract.decision import Decision
from app.reports.formats import FORMATS, render
from app.reports.place import Place
from app.signatures.errors import SignatureRefusedError
from app.signatures.evidence import read_evidence
from app.signatures.keys import PublicKey, read_public_keys
from tests.api import gated
from tests.api.conftest import Tenant, problem


async def keys(client: httpx.AsyncClient) -> list[PublicKey]:
    items = (await client.get("/api/v1/signing-keys")).json()["items"]
    return read_public_keys("".join(one["pem"] for one in items).encode())


async def decided(tenant: Tenant, **of_result: object) -> tuple[gated.Line, dict[str, object]]:
    line = await gated.line(tenant)
    await line.policy()
    audit = line.audit(await line.release(), **of_result)
    return line, await line.decision(audit)


async def test_a_decision_is_served_in_every_format(tenant: Tenant) -> None:
    _, made = await decided(tenant, **gated.LEAKING)
    stored = Decision.model_validate({name: made[name] for name in Decision.model_json_schema()["properties"]})
    for name, kind in FORMATS.items():
        query = {"format": name, "path": "models/exhume.yaml", "line": "3"}
        answer = await tenant.client.get(f"/api/v1/decisions/{made['id']}/report", params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == kind.media_type
        assert kind.file_name in answer.headers["content-disposition"]
        assert answer.content == render(name, stored, Place("models/exhume.yaml", 3))


async def test_a_format_must_exist_and_the_decision_be_readable(tenant: Tenant, stranger: Tenant) -> None:
    line, made = await decided(tenant)
    path = f"/api/v1/decisions/{made['id']}/report"
    problem(await tenant.client.get(path, params={"format": "pdf"}), 422, "invalid_request")
    problem(await stranger.client.get(path, params={"format": "sarif"}), 404, "no_such_decision")
    problem(await stranger.client.get(f"/api/v1/audits/{made['audit']}/attestation"), 404, "no_such_audit")
    headers = {"Authorization": f"Bearer {await tenant.key('targets:write')}"}
    problem(await tenant.client.get(path, params={"format": "sarif"}, headers=headers), 403, "missing_scope")
    assert line.releases


@pytest.mark.parametrize("predicate", ["attestation", "test-result"])
async def test_the_signed_decision_is_evidence_for_the_checkpoint(tenant: Tenant, predicate: str) -> None:
    _, made = await decided(tenant, **gated.LEAKING)
    answer = await tenant.client.get(f"/api/v1/audits/{made['audit']}/attestation", params={"predicate": predicate})
    assert answer.headers["content-type"] == "application/vnd.dsse.envelope.v1+json"
    digest = made["release"]["digest"]  # type: ignore[index]
    evidence = read_evidence(answer.content, digest, await keys(tenant.client))
    assert evidence.result == "FAILED"
    with pytest.raises(SignatureRefusedError, match="another file"):
        read_evidence(answer.content, "sha256:" + "f" * 64, await keys(tenant.client))


async def test_only_the_decision_that_counts_is_signed(tenant: Tenant) -> None:
    """A stricter policy decides again, and the earlier pass is no longer signed."""
    line, made = await decided(tenant)
    before = (await tenant.client.get(f"/api/v1/audits/{made['audit']}/attestation")).content
    await line.policy("all people", fewest_identities=50)
    after = (await tenant.client.get(f"/api/v1/audits/{made['audit']}/attestation")).content
    digest, known = made["release"]["digest"], await keys(tenant.client)  # type: ignore[index]
    policies = [read_evidence(one, digest, known).decision.policy.name for one in (before, after)]  # type: ignore[union-attr]
    assert policies == ["strict", "all people"]


async def test_a_badge_needs_a_key_until_the_project_opens_it(
    tenant: Tenant, stranger: Tenant, anonymous: httpx.AsyncClient
) -> None:
    line, _ = await decided(tenant, **gated.LEAKING)
    path = f"/api/v1/targets/{line.target}/badge.svg"
    problem(await anonymous.get(path), 401, "not_signed_in")
    problem(await stranger.client.get(path), 404, "no_such_target")
    private = await tenant.client.get(path)
    assert (private.headers["content-type"], b"fail: R at least" in private.content) == ("image/svg+xml", True)
    assert private.headers["cache-control"].startswith("private")

    badges = f"/api/v1/projects/{tenant.project_id}/badges"
    problem(await stranger.client.put(badges, json={"public": True}), 404, "no_such_project")
    weak = {"Authorization": f"Bearer {await tenant.key('targets:write')}"}
    problem(await tenant.client.put(badges, json={"public": True}, headers=weak), 403, "missing_scope")
    assert (await tenant.client.put(badges, json={"public": True})).json() == {"public": True}
    assert (await line.get(f"/projects/{tenant.project_id}"))["public_badges"] is True

    public = await anonymous.get(path)
    assert (public.content, public.headers["cache-control"]) == (private.content, "public, max-age=300")
    again = await anonymous.get(path, headers={"If-None-Match": public.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await tenant.client.put(badges, json={"public": False})
    problem(await anonymous.get(path), 401, "not_signed_in")


async def test_a_badge_shows_the_newest_release_and_only_a_decision_that_counts(tenant: Tenant) -> None:
    line = await gated.line(tenant)
    path = f"/api/v1/targets/{line.target}/badge.svg"
    assert b">no decision<" in (await tenant.client.get(path)).content
    await line.policy()
    old = line.audit(await line.release(), **gated.LEAKING)
    new = line.audit(await line.release())
    await line.decision(new)
    await line.decision(old)
    assert b"pass: R at most" in (await tenant.client.get(path)).content


async def test_an_unknown_badge_looks_like_a_private_one(anonymous: httpx.AsyncClient) -> None:
    problem(await anonymous.get("/api/v1/targets/tgt_" + "0" * 32 + "/badge.svg"), 401, "not_signed_in")


def test_the_choices_of_the_api_are_the_formats() -> None:
    document = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
    (query,) = [
        one
        for one in document["paths"]["/api/v1/decisions/{decision_id}/report"]["get"]["parameters"]
        if one["name"] == "format"
    ]
    assert query["schema"]["enum"] == list(FORMATS)
