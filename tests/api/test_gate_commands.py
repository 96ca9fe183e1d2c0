"""`exhume policy` and `exhume waiver` against the API itself."""

from pathlib import Path

import httpx
import pytest
import yaml

from tests.api.command_line import CommandLine
from tests.api.conftest import Tenant, created
from tests.api.gated import LEAKING, line
from tests.api.scheduled import request_of

DRAFT = "budgets: {white_box: 0.3}\nnew_findings: warn\n"


@pytest.fixture
async def exhume(transport: httpx.ASGITransport, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a key that has every scope of the gate but the approval of waivers."""
    key = await tenant.key("policies:write", "waivers:write", "audits:read")
    return CommandLine(transport, monkeypatch, key)


async def test_a_policy_is_created_assigned_tested_and_shown(
    exhume: CommandLine, tenant: Tenant, tmp_path: Path
) -> None:
    of = await line(tenant)
    audit = of.audit(await of.release(), **LEAKING)
    file = tmp_path / "policy.yaml"
    file.write_text("fewest_identities: 6\n")
    assert "strict version 1" in await exhume("policy", "create", "strict", str(file))
    assert "strict version 1 (unchanged)" in await exhume("policy", "create", "strict", str(file))
    await exhume("policy", "assign", "strict", "--target", "badge-reader")
    assert (await of.decision(audit))["outcome"] == "fail"
    file.write_text("budgets: {white_box: 0.8}\nfewest_identities: 6\n")
    tested = await exhume("policy", "test", str(file), "--target", "badge-reader")
    assert "badge-reader:1" in tested
    assert "fail" in tested
    assert "pass" in tested
    assert "strict version 2" in await exhume("policy", "create", "strict", str(file))
    listed = await exhume("policy", "list")
    assert "badge-reader" in listed
    shown = await exhume("policy", "show", "strict")
    assert yaml.safe_load(shown)["budgets"]["white_box"] == 0.8
    file.write_text(shown)
    assert "version 2 (unchanged)" in await exhume("policy", "create", "strict", str(file))
    assert yaml.safe_load(await exhume("policy", "show", "strict", "--version", "1"))["budgets"]["white_box"] == 0.05
    await exhume("policy", "assign", "strict", "--default")
    await exhume("policy", "unassign", "--target", "badge-reader")
    assert await of.get(f"/targets/{of.target}/policy") == {"policy_id": shown_id(listed), "inherited": True}
    assert (await of.decision(audit))["outcome"] == "pass"
    assert "passes" in await exhume("policy", "decisions", "--target", "badge-reader")


def shown_id(listed: str) -> str:
    """Return the id in the output of `exhume policy list`."""
    return next(word for word in listed.split() if word.startswith("pol_"))


async def test_a_waiver_is_asked_for_approved_listed_and_revoked(exhume: CommandLine, tenant: Tenant) -> None:
    of = await line(tenant)
    await of.policy()
    audit = of.audit(await of.release(), **LEAKING)
    assert (await of.decision(audit))["outcome"] == "fail"
    words = ["--target", "badge-reader", "--days", "30", "--reason", "The pilot ends in May."]
    waiver = (await exhume("waiver", "ask", "risk-within-budget", "--release", "1", *words)).strip()
    own = await exhume.run("waiver", "approve", waiver)
    assert (own.exit_code, "missing_scope" in own.stderr) == (4, True)
    other = await tenant.key("waivers:approve", "audits:read", name="approver")
    assert "EXH001 is waived until" in await exhume("waiver", "approve", waiver, key=other)
    assert (await of.decision(audit))["outcome"] == "warn"
    listed = await exhume("waiver", "list", "--target", "badge-reader")
    assert waiver in listed
    assert "approved" in listed
    await exhume("waiver", "revoke", waiver)
    assert (await of.decision(audit))["outcome"] == "fail"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("budgets: {white_bocks: 0.1}", "budgets.white_bocks: there is no such field"),
        ("evidence: hope", "evidence: input should be"),
        ("a: [1\nb: 2", "line 2"),
        ("- 1", "a policy has fields"),
    ],
)
async def test_mistakes_in_a_policy_file_are_shown_with_their_place(
    exhume: CommandLine, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    result = await exhume.run("policy", "test", str(file))
    assert result.exit_code == 4
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "words",
    [
        ("waiver", "ask", "--target", "t", "--days", "3", "--reason", "Because it is needed."),
        ("waiver", "ask", "EXH001", "--finding", "Ada", "--target", "t", "--days", "3", "--reason", "It is needed."),
        ("policy", "assign", "strict", "--target", "t", "--default"),
        ("policy", "unassign"),
        ("policy", "show", "nothing"),
    ],
)
async def test_a_command_that_says_too_much_or_too_little_ends_with_4(
    exhume: CommandLine, words: tuple[str, ...]
) -> None:
    result = await exhume.run(*words)
    assert (result.exit_code, result.stderr != "") == (4, True)


async def test_audits_of_the_api_are_listed_with_their_attacks(exhume: CommandLine, tenant: Tenant) -> None:
    request = await request_of(tenant)
    (release,) = (await tenant.client.get(f"/api/v1/targets/{request['target_id']}/releases")).json()["items"]
    body = request["audit"] | {"release_id": release["id"], "attacks": [{"name": "gmi"}, {"name": "kedmi"}]}
    made = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)
    listed = await exhume("audit", "list")
    assert made["id"] in listed
    assert "GMI and KEDMI, LOMMA, trained prior" in " ".join(listed.split())


async def test_a_draft_may_leave_out_what_has_a_default(exhume: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(DRAFT)
    assert (await exhume("policy", "create", "draft", str(file))).startswith("pol_")
    assert "No release has a finished audit yet." in await exhume("policy", "test", str(file))
