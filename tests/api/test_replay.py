"""A replay is the same plan on the same inputs; what came out differently is counted."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from app.audits.priors import cards
from app.cli.replay import print_drift
from app.db.models import Audit, Reconstruction, Release
from app.db.session import sync_session
from app.kit.ids import public_id
from app.storage import store
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.test_verifiers import body, start  # noqa: F401 - a fixture
from tests.worker.rows import drain, get_audit
from tests.worker.tiny import save_target, tiny_audit
from worker.runtime.run import run_claimed
from worker.stages.files import sha256_of

RESULT: dict[str, Any] = {"sentence": "FAIL", "inputs": {"prior": "a"}, "hardware": {"cpu": "x"}}

ESTIMATE: dict[str, Any] = {"seconds": 1.0, "stages": {}, "identities": 3, "measured": False, "concludes": []}


async def test_a_replay_is_compared_with_its_original(
    tenant: Tenant,
    stranger: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    first = (await start(tenant, body)).json()
    path = f"/api/v1/audits/{first['id']}"
    problem(await tenant.client.post(f"{path}/replay"), 409, "not_finished")
    seeds.finish(first["id"], seeds.add_reconstructions(first["id"], [0, 1]), RESULT)
    problem(await tenant.client.post(f"{path}/replay"), 409, "inputs_deleted")
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(first["id"]))
        for model, identifier in seeds.inputs_of(row):
            session.get_one(model, identifier).object_key = "somewhere"
    again = await created(tenant.client, f"/audits/{first['id']}/replay", {})
    assert (again["replay_of"], again["plan_digest"]) == (first["id"], first["plan_digest"])
    assert again["declared_by"] == first["declared_by"]
    problem(await tenant.client.get(f"{path}/drift"), 404, "no_replay")
    problem(await tenant.client.get(f"/api/v1/audits/{again['id']}/drift"), 409, "no_result")
    problem(await stranger.client.post(f"{path}/replay"), 404, "no_such_audit")

    made = seeds.add_reconstructions(again["id"], [0, 1])
    seeds.finish(again["id"], made, RESULT)
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert (drift["outcome"], drift["changed"]) == ("exact", [])
    assert drift["reconstructions"] == {"total": 4, "equal": 4, "differing": 0, "unmatched": 0}

    with sync_session() as session:
        session.get_one(Reconstruction, made[0]).digest = "1" * 64
        row = session.get_one(Audit, seeds.uuid_of(again["id"]))
        row.risk, row.result = 0.75, RESULT | {"inputs": {"prior": "b"}}
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert drift["outcome"] == "same_verdict"
    assert drift["reconstructions"]["differing"] == 1
    assert drift["risk"]["difference"] == pytest.approx(0.05)
    assert drift["changed"] == ["inputs.prior: a -> b"]
    with sync_session() as session:
        session.get_one(Audit, seeds.uuid_of(again["id"])).verdict = "INCONCLUSIVE"
    assert (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()["outcome"] == "different"


async def test_a_built_in_prior_that_is_no_longer_shipped_is_not_exchanged_for_another(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    (card,) = [card for card in cards() if card.get("built_in")]
    audit = (await start(tenant, body)).json()["id"]
    seeds.finish(audit, [], RESULT)
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit))
        row.plan = row.plan | {"prior": "built-in"}  # a plan from before its key was noted: the result has it
        for model, identifier in seeds.inputs_of(row):
            session.get_one(model, identifier).object_key = "somewhere"
    answer = problem(await tenant.client.post(f"/api/v1/audits/{audit}/replay"), 409, "prior_not_shipped")
    assert "Start a new audit" in answer["detail"]
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit))
        row.plan = row.plan | {"prior_key": card["key"]}
    await created(tenant.client, f"/audits/{audit}/replay", {})


async def replayed(admin: httpx.AsyncClient, audit: str) -> dict[str, Any]:
    """The drift of a replay, run to its end in this process."""
    again = await created(admin, f"/audits/{audit}/replay", {})
    drain(seeds.uuid_of(again["id"]), run_claimed)
    assert get_audit(seeds.uuid_of(again["id"])).problem is None
    drift: dict[str, Any] = (await admin.get(f"/api/v1/audits/{again['id']}/drift")).json()
    return drift


def said(drift: dict[str, Any]) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        print_drift(console, drift)
    return captured.get()


async def test_a_replayed_audit_gives_the_same_to_the_byte_until_its_model_is_another(
    admin: httpx.AsyncClient, tmp_path: Path
) -> None:
    first = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2])
    with sync_session() as session:
        session.get_one(Audit, first).estimate = ESTIMATE
    drain(first, run_claimed)
    audit = public_id("aud", first)
    drift = await replayed(admin, audit)
    assert (drift["outcome"], drift["changed"]) == ("exact", [])
    assert drift["reconstructions"] == {"total": 12, "equal": 12, "differing": 0, "unmatched": 0}
    assert drift["risk"]["difference"] == 0
    assert said(drift).startswith("exact: every reconstruction, the risk and the verdict are the same")

    save_target(tmp_path / "other.safetensors", seed=9)
    store().upload(tmp_path / "other.safetensors", "tiny/model.safetensors")
    with sync_session() as session:
        release = session.get_one(Release, session.get_one(Audit, first).release_id)
        release.examination = {"checkpoint_sha256": sha256_of(tmp_path / "other.safetensors")}
    drift = await replayed(admin, audit)
    assert drift["outcome"] != "exact"
    assert drift["reconstructions"]["differing"] > 0
    assert any(line.startswith("inputs.checkpoint: sha256:") for line in drift["changed"])
    assert "changed: inputs.checkpoint" in said(drift)
