"""`exhume log`, `exhume dataset delete`, `exhume hold` and `exhume receipt` against the API."""

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.auth.log_chain import recomputed
from app.contract.exit_codes import Exit
from app.db.session import sync_session
from tests.api.command_line import CommandLine
from tests.api.conftest import ALL, Tenant, created

REASON = ("--reason", "consent withdrawn")


@pytest.fixture
async def exhume(transport: httpx.ASGITransport, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a key that has all scopes of a project."""
    return CommandLine(transport, monkeypatch, await tenant.key(*ALL))


def change_log(statement: str) -> None:
    """Change the log as somebody with full access to the database can."""
    with sync_session() as session:
        session.execute(text("ALTER TABLE audit_log_entry DISABLE TRIGGER USER"))
        session.execute(text(statement))


async def test_lists_are_searched_sorted_and_filtered(exhume: CommandLine, tenant: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/targets"
    for name in ("door", "badge", "badge 2"):
        await created(tenant.client, path, {"name": name})
    shown = (await exhume("target", "list", "--search", "BADGE", "--sort=-name")).splitlines()
    assert ["badge 2" in line for line in shown[-2:]] == [True, False]
    assert "door" not in "".join(shown)
    log = ("log", "show", "--json", "--action")
    assert len(json.loads(await exhume(*log, "target."))) == 3
    assert json.loads(await exhume(*log, "target.created", "--until", "2020-01-01T00:00:00Z")) == []
    assert json.loads(await exhume(*log, "target.created", "--search", "badge door")) == []
    assert "Nothing here" in await exhume("audit", "list", "--state", "failed", "--verdict", "FAIL", "--sort=-risk")
    assert (await exhume.run("target", "list", "--sort", "colour")).exit_code == Exit.USAGE


async def test_the_log_is_verified_on_this_machine_and_against_checkpoints(
    exhume: CommandLine, tenant: Tenant, tmp_path: Path
) -> None:
    path = f"/projects/{tenant.project_id}/targets"
    await created(tenant.client, path, {"name": "a"})
    kept = str(tmp_path / "kept.json")
    await exhume("log", "checkpoint", kept)
    for name in ("b", "c"):
        await created(tenant.client, path, {"name": name})
    assert json.loads(await exhume("log", "show", "--limit", "1", "--json"))[0]["details"] == {"name": "c"}
    assert "target.created" in await exhume("log", "show")
    count = len(json.loads(await exhume("log", "show", "--json")))
    assert await exhume("log", "verify", "--checkpoint", kept) == f"intact. Entries: {count}. Checkpoints: 1.\n"
    pem = tmp_path / "keys.pem"
    pem.write_text(await exhume("signing-key", "list", "--pem"))
    assert "intact" in await exhume("log", "verify", "--checkpoint", kept, "--key", str(pem))

    change_log("""UPDATE audit_log_entry SET details = '{"name": "x"}' WHERE details->>'name' = 'b'""")
    changed = await exhume.run("log", "verify")
    assert changed.exit_code == Exit.GATE_FAILED
    assert "does not follow" in changed.stderr


async def test_a_chain_that_was_cut_off_is_whole_but_lacks_its_checkpoint(
    exhume: CommandLine, tenant: Tenant, tmp_path: Path
) -> None:
    await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "a"})
    kept = tmp_path / "kept.json"
    await exhume("log", "checkpoint", str(kept))
    change_log("DELETE FROM audit_log_entry WHERE details->>'name' = 'a'")
    assert "intact" in await exhume("log", "verify")
    cut = await exhume.run("log", "verify", "--checkpoint", str(kept))
    assert cut.exit_code == Exit.GATE_FAILED
    assert "does not contain the entry" in cut.stderr
    kept.write_text(kept.read_text().replace('"sig": "', '"sig": "A'))
    assert (await exhume.run("log", "verify", "--checkpoint", str(kept))).exit_code == Exit.GATE_FAILED


def test_the_chain_of_an_older_version_is_recomputed() -> None:
    """Use an entry without the members that later versions added, with its recorded hash."""
    entry = {
        **{"seq": 7, "at": "2026-11-29T10:00:00.123456Z", "actor": "key:a", "action": "target.created"},
        **{"subject": "tgt_1", "details": {"name": "é"}, "request_id": None, "address": None},
        **{"actor_kind": None, "person_id": None, "key_id": None, "previous_hash": "00" * 32},
        "hash": "9aec5343d0af5a84ba52db69e575c46b2c085b4b35ecd6d1d5c59c61b2c02bd5",
    }
    chain = recomputed("prj_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f", [entry])
    assert (chain.broken, chain.holds(7, str(entry["hash"]))) == (None, True)
    assert recomputed("prj_0198c2f0a1b27c3d8e4f5a6b7c8d9e00", [entry]).broken == 7


async def test_a_data_set_is_held_and_then_deleted(exhume: CommandLine, tenant: Tenant, tmp_path: Path) -> None:
    made = await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "d", "role": "private"})
    hold = (await exhume("hold", "place", made["id"], "--reason", "court order 7")).strip()
    refused = await exhume.run("dataset", "delete", made["id"], "--preview")
    assert refused.exit_code == Exit.GATE_FAILED
    assert "court order 7" in refused.stderr
    assert (await exhume.run("dataset", "delete", made["id"], "--yes", *REASON)).exit_code == Exit.USAGE
    await exhume("hold", "release", hold)
    assert "court order 7" in await exhume("hold", "list")
    assert (await exhume.run("dataset", "delete", made["id"])).exit_code == Exit.USAGE, "no reason was stated"
    receipt = (await exhume("dataset", "delete", made["id"], "--yes", *REASON)).strip()
    assert receipt in await exhume("receipt", "list")
    await exhume("receipt", "save", receipt, "--output", str(tmp_path / "receipt.json"))
    assert json.loads((tmp_path / "receipt.json").read_text())["signatures"]


async def test_a_verifier_is_shown_by_id_in_any_project_and_deleted_by_name(
    exhume: CommandLine, tenant: Tenant
) -> None:
    made = await created(tenant.client, f"/projects/{tenant.project_id}/verifiers", {"name": "faces"})
    assert json.loads(await exhume("verifier", "show", made["id"], "--project", "another"))["name"] == "faces"
    assert json.loads(await exhume("verifier", "show", "faces"))["id"] == made["id"]
    receipt = (await exhume("verifier", "delete", "faces", "--yes", *REASON)).strip()
    assert receipt in await exhume("receipt", "list")
    assert (await exhume.run("verifier", "show", "faces")).exit_code == Exit.USAGE
