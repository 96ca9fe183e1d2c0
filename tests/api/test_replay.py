"""Replays run the same plan on the same inputs, and differences are counted."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest

from app.audits.priors import cards
from app.cli.replay import print_drift
from app.cli.terminal import Terminal
from app.db.models import Audit, Dataset, IdentityOutcome, Reconstruction, Release
from app.db.session import sync_session
from app.kit.ids import public_id
from app.storage import store
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.test_verifiers import body, start  # noqa: F401 - a fixture
from tests.examinations import examination
from tests.results import RESULT
from tests.worker.rows import drain, get_audit
from tests.worker.tiny import save_images, save_target, tiny_audit, trained
from worker.evidence.files import sha256_of
from worker.runtime.run import run_claimed

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
    assert (drift["outcome"], drift["changed"], drift["identities"]) == ("exact", [], [])
    assert drift["reconstructions"] == {"total": 4, "equal": 4, "differing": 0, "unmatched": 0}

    with sync_session() as session:
        for audit, similarity in ((first, 0.25), (again, 0.5)):
            row = session.get_one(IdentityOutcome, (seeds.uuid_of(audit["id"]), 1))
            row.verified, row.similarity = audit is again, similarity
        session.get_one(Reconstruction, made[0]).digest = "1" * 64
        row = session.get_one(Audit, seeds.uuid_of(again["id"]))
        row.risk, row.result = 0.75, RESULT | {"inputs": RESULT["inputs"] | {"prior": "sha256:b"}}
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert drift["outcome"] == "same_verdict"
    assert "identity 1      not verified -> verified, similarity 0.2500 -> 0.5000" in said(drift)
    assert "within the 95 % interval" in drift["explanation"]
    assert drift["reconstructions"]["differing"] == 1
    assert drift["risk"]["difference"] == pytest.approx(0.05)
    assert drift["changed"] == [f"inputs.prior: {RESULT['inputs']['prior']} -> sha256:b"]
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(again["id"]))
        row.risk, row.risk_low, row.risk_high = 0.0, 0.0, 0.09
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert (drift["verdict"]["original"], drift["verdict"]["replay"]) == ("FAIL", "FAIL")
    assert drift["outcome"] == "different", "the same verdict with another R is not the same result"
    assert "70 % (60 % to 80 %) in the original and 0 % (0 % to 9 %) in the replay" in drift["explanation"]
    assert said(drift).startswith("different: The verdict is FAIL in both, but R")
    with sync_session() as session:
        session.get_one(Audit, seeds.uuid_of(again["id"])).verdict = "INCONCLUSIVE"
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert drift["outcome"] == "different"
    assert drift["explanation"] == "The verdict changed from FAIL to INCONCLUSIVE."


async def test_a_built_in_prior_that_is_no_longer_shipped_is_not_exchanged_for_another(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    (card,) = [card for card in cards() if card.get("built_in")]
    audit = (await start(tenant, body)).json()["id"]
    seeds.finish(audit, [], RESULT)
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit))
        # a plan from before its key was stored; the result has it
        row.plan = with_prior(row.plan, prior="built-in")
        for model, identifier in seeds.inputs_of(row):
            session.get_one(model, identifier).object_key = "somewhere"
    answer = problem(await tenant.client.post(f"/api/v1/audits/{audit}/replay"), 409, "prior_not_shipped")
    assert "Start a new audit" in answer["detail"]
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit))
        row.plan = with_prior(row.plan, prior_key=card["key"])
    await created(tenant.client, f"/audits/{audit}/replay", {})


def with_prior(plan: dict[str, Any], **change: str) -> dict[str, Any]:
    """Return the plan with another prior of its one attack."""
    [attack] = plan["attacks"]
    return plan | {"attacks": [attack | change]}


async def replayed(admin: httpx.AsyncClient, audit: str) -> dict[str, Any]:
    """Run a replay in this process and return its drift."""
    again = await created(admin, f"/audits/{audit}/replay", {})
    drain(seeds.uuid_of(again["id"]), run_claimed)
    assert get_audit(seeds.uuid_of(again["id"])).problem is None
    drift: dict[str, Any] = (await admin.get(f"/api/v1/audits/{again['id']}/drift")).json()
    return drift


def said(drift: dict[str, Any]) -> str:
    console = Terminal()
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
    assert (drift["outcome"], drift["expected"], drift["changed"]) == ("exact", "exact", [])
    assert drift["reconstructions"] == {"total": 12, "equal": 12, "differing": 0, "unmatched": 0}
    assert drift["risk"]["difference"] == 0
    assert said(drift).startswith("exact: Every reconstruction, R and the verdict are the same.")

    save_target(tmp_path / "other.safetensors", trained(seed=9))
    store().upload(tmp_path / "other.safetensors", "tiny/model.safetensors")
    with sync_session() as session:
        release = session.get_one(Release, session.get_one(Audit, first).release_id)
        release.examination = examination(checkpoint_sha256=sha256_of(tmp_path / "other.safetensors"))
    drift = await replayed(admin, audit)
    assert drift["outcome"] != "exact"
    assert drift["reconstructions"]["differing"] > 0
    assert any(line.startswith("inputs.checkpoint: sha256:") for line in drift["changed"])
    assert "changed: inputs.checkpoint" in said(drift)


def permute_labels(audit: UUID, folder: Path) -> None:
    """Give every stored private image the label of the next person. The pixels do not change."""
    with sync_session() as session:
        row = session.get_one(Dataset, session.get_one(Audit, audit).private_dataset_id)
        key = row.object_key or ""
    store().download(key, folder / "permuted.npz")
    with np.load(folder / "permuted.npz") as packed:
        images, labels, split = packed["images"], packed["labels"], packed["split"].tolist()
    save_images(folder / "permuted.npz", images, (labels + 1) % (labels.max() + 1), split)
    store().upload(folder / "permuted.npz", key)


@pytest.mark.parametrize("bound", [False, True])
async def test_permuted_labels_in_the_stored_private_set_stop_a_replay(
    admin: httpx.AsyncClient, tmp_path: Path, bound: bool
) -> None:
    first = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2])
    with sync_session() as session:
        row = session.get_one(Audit, first)
        row.estimate = ESTIMATE
        private = session.get_one(Dataset, row.private_dataset_id)
        name, digest = private.name, private.digest
        if bound:
            public = session.get_one(Dataset, row.public_dataset_id)
            row.plan = row.plan | {"datasets": {"public": public.digest, "private": digest, "gallery": None}}
    drain(first, run_claimed)
    result = get_audit(first).result
    assert result is not None
    assert result["inputs"]["private"] == digest

    permute_labels(first, tmp_path)
    again = await created(admin, f"/audits/{public_id('aud', first)}/replay", {})
    drain(seeds.uuid_of(again["id"]), run_claimed)
    audit = get_audit(seeds.uuid_of(again["id"]))
    assert (audit.state, audit.verdict) == ("failed", None)
    assert audit.problem is not None
    assert audit.problem["code"] == "images_changed"
    assert repr(name) in audit.problem["detail"]
    assert "labels, split or names changed" in audit.problem["detail"]
    assert "upload it again" in audit.problem["detail"]


async def test_a_set_that_is_another_one_by_its_row_is_not_replayed(admin: httpx.AsyncClient, tmp_path: Path) -> None:
    first = tiny_audit(tmp_path, setting="baseline", identities=[0])
    with sync_session() as session:
        session.get_one(Audit, first).estimate = ESTIMATE
    drain(first, run_claimed)
    with sync_session() as session:
        row = session.get_one(Dataset, session.get_one(Audit, first).private_dataset_id)
        row.digest = "sha256:" + "5" * 64
        name = row.name
    answer = await admin.post(f"/api/v1/audits/{public_id('aud', first)}/replay")
    detail = problem(answer, 409, "images_changed")["detail"]
    assert repr(name) in detail
    assert "Start a new audit" in detail
