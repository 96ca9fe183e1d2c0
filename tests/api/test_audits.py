"""Requests for audits: the fixed plan and jobs, and every rejection before compute is spent."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from app.audits.plan import attack_options, sample
from app.audits.priors import cards
from app.contract.engine import PCA_OPTIONS
from app.db.models import Audit, Dataset, Job, Release
from app.db.session import sync_session
from app.jobs.stages import AUDIT_STAGES, WITH_LOOK
from app.settings import settings
from app.vault.keys import find_key, pictures_of
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key


@pytest.fixture
async def body(tenant: Tenant) -> dict[str, Any]:
    """A valid request: a ready release, and ready datasets of both roles."""
    return await request_of(tenant)


async def request_of(tenant: Tenant) -> dict[str, Any]:
    """Return a valid request for an audit in the project of a tenant."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    sets = {
        role: await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": role, "role": role})
        for role in ("public", "private")
    }
    seeds.make_ready(release["id"], *(dataset["id"] for dataset in sets.values()))
    return {
        "release_id": release["id"],
        "public_dataset_id": sets["public"]["id"],
        "private_dataset_id": sets["private"]["id"],
        "rights": seeds.RIGHTS,
    }


async def start(tenant: Tenant, body: dict[str, Any]) -> httpx.Response:
    return await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/audits", json=body)


def chosen(plan: dict[str, Any]) -> tuple[str, str]:
    """Return the setting and the prior of the one attack of a plan."""
    [attack] = plan["attacks"]
    return attack["setting"], attack["prior"]


async def test_an_audit_has_a_fixed_hashed_plan_and_queued_jobs(tenant: Tenant, body: dict[str, Any]) -> None:
    answer = await start(tenant, body | {"identities": 3, "seed": 5, "budget": 0.02, "setting": "ma"})
    assert answer.status_code == 201, answer.text
    audit = answer.json()
    plan = audit["plan"]
    assert (len(plan["attacks"]), plan["seed"], plan["budget"]) == (1, 5, 0.02)
    assert (plan["attacks"][0]["name"], plan["attacks"][0]["setting"]) == ("gmi", "ma")
    assert plan["identity_sample"] == {"count": 3, "seed": 5, "of": 4}
    assert plan["identities"] == sample([0, 1, 2, 3], 3, 5)
    spelt = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert audit["plan_digest"] == "sha256:" + hashlib.sha256(spelt.encode()).hexdigest()
    assert audit["state"] == "queued"
    assert audit["release"]["target_name"] == "t"
    assert audit["release"]["classes"] == 4
    assert audit["private_dataset"]["images"] == 8
    assert audit["declared_by"] == "Ada Example"
    assert audit["requested_by"] == "key:ours all"
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    assert [job["stage"] for job in jobs] == [stage.value for stage in AUDIT_STAGES if stage not in WITH_LOOK]
    assert [job["state"] for job in jobs] == ["queued"] + ["waiting"] * (len(jobs) - 1)
    assert all(job["estimate_seconds"] is not None for job in jobs)
    with sync_session() as session:
        row = session.scalars(select(Audit)).one()
        assert len(find_key(session, pictures_of(row.id)) or b"") == 32
        assert timedelta(days=29) < row.delete_images_at - datetime.now(UTC) < timedelta(days=31)
        assert session.scalars(select(Job.published_at).where(Job.state == "queued")).one() is not None


async def test_the_same_request_gives_the_same_plan(tenant: Tenant, body: dict[str, Any]) -> None:
    digests = {(await start(tenant, body)).json()["plan_digest"] for _ in range(2)}
    assert len(digests) == 1
    other = (await start(tenant, body | {"seed": 1})).json()["plan_digest"]
    assert other not in digests


async def test_many_identities_are_cut_into_shards(tenant: Tenant, body: dict[str, Any]) -> None:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "wide"})
    classes = [f"c{number}" for number in range(25)]
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE | {"classes": classes})
    seeds.make_ready(release["id"])
    audit = (await start(tenant, body | {"release_id": release["id"], "private_dataset_id": None})).json()
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    shards = [(job["shard"], job["shards"]) for job in jobs if job["stage"] == "attack"]
    assert shards == [(0, 3), (1, 3), (2, 3)]


async def test_who_declared_the_right_is_in_the_audit_log(tenant: Tenant, body: dict[str, Any]) -> None:
    audit = (await start(tenant, body)).json()
    entry = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"][0]
    assert (entry["action"], entry["subject"]) == ("audit.created", audit["id"])
    assert entry["details"]["declared_by"] == seeds.RIGHTS["declared_by"]
    assert entry["details"]["declaration"] == seeds.RIGHTS["statement"]
    assert entry["details"]["plan_digest"] == audit["plan_digest"]


@pytest.mark.parametrize("rights", [None, {}, {"declared_by": " ", "statement": "   "}, {"declared_by": "Ada"}])
async def test_without_a_declaration_nothing_starts(tenant: Tenant, body: dict[str, Any], rights: Any) -> None:
    without = {name: value for name, value in body.items() if name != "rights"}
    answer = await start(tenant, without if rights is None else without | {"rights": rights})
    faults = problem(answer, 422, "invalid_request")["errors"]
    assert all(fault["where"].startswith("body.rights") for fault in faults)
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(Audit)) == 0


async def test_a_set_of_other_people_is_rejected_with_their_names(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["private_dataset_id"], identities=["ada", "eve", "mallory"])
    answer = problem(await start(tenant, body), 422, "unknown_identities")
    assert answer["errors"] == [{"identity": "eve"}, {"identity": "mallory"}, {"field": "private_dataset_id"}]
    assert "2 of 3 identities" in answer["detail"]
    assert "'eve', 'mallory'" in answer["detail"]


async def test_a_stranger_is_left_out_and_named_before_the_start(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["private_dataset_id"], identities=["ada", "eve", "cyd"])
    audit = (await start(tenant, body | {"identities": 2})).json()
    assert audit["plan"]["identities"] == [0, 2]
    (listed,) = (await tenant.client.get("/api/v1/audits")).json()["items"]
    again = (await tenant.client.get(f"/api/v1/audits/{audit['id']}")).json()
    assert again["plan"] == audit["plan"], "the list keeps a document of its own"
    assert listed["plan"]["identity_count"] == 2
    assert "identities" not in listed["plan"]
    (note,) = [line for line in audit["estimate"]["concludes"] if "'eve'" in line]
    assert "1 identity is not a class of the release and was left out: 'eve'" in note
    problem(await start(tenant, body | {"identities": 3}), 422, "too_many_identities")


async def test_identities_are_matched_by_what_their_names_look_like(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["private_dataset_id"], identities=["CYD", "ada\n", "bob"])
    audit = (await start(tenant, body | {"identities": 3})).json()
    assert sorted(audit["plan"]["identities"]) == [0, 1, 2]
    (note,) = [line for line in audit["estimate"]["concludes"] if "spelled differently" in line]
    assert "'CYD' is class 'cyd'; 'ada<U+000A>' is class 'ada'" in note
    seeds.make_ready(None, body["private_dataset_id"], identities=["ada", "Ada"])
    audit = (await start(tenant, body | {"identities": 1})).json()
    assert audit["plan"]["identities"] == [0]
    assert any("left out: 'Ada'" in line for line in audit["estimate"]["concludes"])


async def test_a_private_set_without_identities_is_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["private_dataset_id"], identities=[])
    problem(await start(tenant, body), 422, "no_identities")


async def test_images_of_another_size_are_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["public_dataset_id"], size=64)
    answer = problem(await start(tenant, body), 422, "image_size_mismatch")
    assert answer["errors"][0]["expected"] == {"height": 32, "width": 32, "channels": 1}
    assert answer["errors"][0]["found"] == {"height": 64, "width": 64, "channels": 1}


async def test_a_set_of_the_wrong_role_is_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    swapped = body | {"public_dataset_id": body["private_dataset_id"], "private_dataset_id": None}
    assert problem(await start(tenant, swapped), 422, "wrong_role")["errors"] == [{"field": "public_dataset_id"}]


async def test_inputs_that_are_not_ready_are_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    path = f"/projects/{tenant.project_id}/datasets"
    empty = await created(tenant.client, path, {"name": "empty", "role": "public"})
    problem(await start(tenant, body | {"public_dataset_id": empty["id"]}), 422, "not_ready")


async def test_more_identities_than_there_are_are_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["private_dataset_id"], identities=["bob", "dan"])
    problem(await start(tenant, body | {"identities": 3}), 422, "too_many_identities")
    audit = (await start(tenant, body)).json()
    assert audit["plan"]["identities"] == [1, 3]


async def test_the_estimate_starts_nothing_and_says_what_can_be_concluded(tenant: Tenant, body: dict[str, Any]) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in body.items() if name != "rights"}
    estimate = (await tenant.client.post(path, json=request)).json()
    assert estimate["seconds"] == pytest.approx(sum(estimate["stages"].values()), abs=0.1)
    assert set(estimate["stages"]) == {stage.value for stage in AUDIT_STAGES} - WITH_LOOK
    assert not estimate["measured"]
    said = " ".join(estimate["concludes"])
    assert "at least 59 are needed for a budget of 5 %" in said
    assert "all 4 of the model were audited" not in said, "nothing was audited yet"
    assert "The smallest budget that this audit could pass" not in said, "above a half none is offered"
    baseline = (await tenant.client.post(path, json=request | {"setting": "baseline"})).json()
    assert baseline["stages"]["students"] == 0
    assert baseline["stages"]["attack"] < estimate["stages"]["attack"]
    unreferenced = (await tenant.client.post(path, json=request | {"private_dataset_id": None})).json()
    assert "INCONCLUSIVE" in unreferenced["concludes"][0]
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0


async def test_a_built_in_prior_is_for_the_size_it_is_shipped_for(tenant: Tenant, body: dict[str, Any]) -> None:
    answer = problem(await start(tenant, body | {"prior": "built-in"}), 422, "no_built_in_prior")
    assert "64x64 with 3 channels" in answer["detail"]
    assert (await start(tenant, body | {"prior": "borrowed"})).status_code == 422
    assert (await start(tenant, body)).json()["plan"]["attacks"][0]["prior"] == "trained"


def of_size(body: dict[str, Any], side: int, channels: int = 1) -> None:
    """Give the release and datasets of a request images of this size."""
    with sync_session() as session:
        for name in ("public_dataset_id", "private_dataset_id"):
            dataset = session.get_one(Dataset, seeds.uuid_of(body[name]))
            dataset.channels, dataset.height, dataset.width = channels, side, side
        release = session.get_one(Release, seeds.uuid_of(body["release_id"]))
        release.convention = {**release.convention, "channels": channels, "height": side, "width": side}


async def test_what_is_left_open_is_what_found_most_on_images_of_that_size(
    tenant: Tenant, body: dict[str, Any]
) -> None:
    open_body = {name: value for name, value in body.items() if name not in {"setting", "prior"}}
    small = (await start(tenant, open_body)).json()
    assert chosen(small["plan"]) == ("lomma", "trained")
    assert (small["estimate"]["setting"], small["estimate"]["prior"]) == ("lomma", "trained")
    of_size(body, 64)
    large, warm, views = (await start(tenant, open_body)).json()["plan"]["attacks"]
    assert (large["setting"], large["prior"], large["students"]) == ("lom", "pca", 0)
    assert (large["name"], large["attack_options"]) == ("decoder", PCA_OPTIONS["decoder"] | {"micro_batch": 20})
    for one, name in ((warm, "warm-start"), (views, "warm-start-views")):
        assert (one["name"], one["restarts"], one["shard_size"]) == (name, 1, 20)
        assert (one["prior_kind"], one["attack_options"]) == ("pca", PCA_OPTIONS[name] | {"micro_batch": 20})
    [alone] = (await start(tenant, open_body | {"attack": "decoder"})).json()["plan"]["attacks"]
    unlike = {"attacks": ["decoder", {"name": "warm-start", "setting": "baseline"}]}
    beside, _ = (await start(tenant, open_body | unlike)).json()["plan"]["attacks"]
    assert [one["restarts"] for one in (large, alone, beside)] == [1, 2, 2]
    asked, *_ = (await start(tenant, open_body | {"setting": "lomma", "prior": "trained"})).json()["plan"]["attacks"]
    assert (asked["setting"], asked["prior"], asked["prior_kind"]) == ("lomma", "trained", "wgan-gp")


async def test_a_generator_is_not_trained_for_a_size_that_none_has(tenant: Tenant, body: dict[str, Any]) -> None:
    of_size(body, 28)
    answer = problem(await start(tenant, body | {"prior": "trained"}), 422, "prior_not_trainable")
    assert "28x28" in answer["detail"]
    assert "pca" in answer["detail"]
    open_body = {name: value for name, value in body.items() if name not in {"setting", "prior"}}
    plan = (await start(tenant, open_body)).json()["plan"]
    assert chosen(plan) == ("lomma", "pca")


async def test_a_built_in_prior_brings_its_kind_and_what_the_attack_changes_for_it(
    tenant: Tenant, body: dict[str, Any]
) -> None:
    of_size(body, 64, channels=3)
    (card,) = [card for card in cards() if card.get("built_in")]
    request = {name: value for name, value in body.items() if name not in {"verifier_ids", "rights"}}
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    answer = await start(tenant, body | {"prior": "built-in"})
    plan, *_ = answer.json()["plan"]["attacks"]
    assert plan["prior_kind"] == card["recipe"]["kind"] == "pca"
    assert plan["prior_key"] == card["key"]
    assert (plan["name"], plan["attack_options"]) == ("decoder", PCA_OPTIONS["decoder"] | {"micro_batch": 20})
    estimate = (await tenant.client.post(path, json=request | {"prior": "built-in"})).json()
    assert estimate["stages"]["prior"] == 1.0  # nothing to fit


async def test_the_precision_of_the_service_is_part_of_the_plan(
    tenant: Tenant, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = (await start(tenant, body)).json()
    monkeypatch.setattr(settings(), "attack_precision", "bf16")
    audit = (await start(tenant, body)).json()
    assert usual["plan"]["attacks"][0]["attack_options"] == {}
    assert audit["plan"]["attacks"][0]["attack_options"] == {"precision": "bf16"}
    assert audit["plan_digest"] != usual["plan_digest"]
    assert attack_options("vmi", "pca", "bf16", 4) == {"beta": 0.03, "precision": "bf16"}


async def test_cancelling(transport: httpx.ASGITransport, tenant: Tenant, body: dict[str, Any]) -> None:
    audit = (await start(tenant, body)).json()
    path = f"/api/v1/audits/{audit['id']}/cancel"
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        problem(await reader.post(path), 403, "missing_scope")
    answer = await tenant.client.post(path)
    assert answer.status_code == 202
    assert answer.json()["state"] == "cancelled"  # nothing had begun
    assert answer.json()["cancel_requested_at"] is not None
    problem(await tenant.client.post(path), 409, "audit_finished")
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    assert {job["state"] for job in jobs} == {"cancelled"}


async def test_an_unchanged_audit_is_not_sent_again(tenant: Tenant, body: dict[str, Any]) -> None:
    audit = (await start(tenant, body)).json()
    path = f"/api/v1/audits/{audit['id']}"
    tag = (await tenant.client.get(path)).headers["etag"]
    again = await tenant.client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    seeds.freeze(audit["id"])
    assert (await tenant.client.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_reading_audits_needs_the_scope(transport: httpx.ASGITransport, tenant: Tenant) -> None:
    async with with_key(transport, await tenant.key("targets:write")) as client:
        problem(await client.get("/api/v1/audits"), 403, "missing_scope")


@pytest.mark.parametrize(("attack", "kind"), [("kedmi", "kedmi"), ("vmi", "non-saturating"), ("miface", "wgan-gp")])
async def test_the_attack_is_chosen_and_its_prior_follows(
    tenant: Tenant, body: dict[str, Any], attack: str, kind: str
) -> None:
    [plan] = (await start(tenant, body | {"attack": attack})).json()["plan"]["attacks"]
    assert (plan["name"], plan["prior_kind"]) == (attack, kind)


@pytest.mark.parametrize("attack", ["gmi", "vmi"])
async def test_principal_components_take_the_place_of_the_attacks_own_prior(
    tenant: Tenant, body: dict[str, Any], attack: str
) -> None:
    [plan] = (await start(tenant, body | {"attack": attack, "prior": "pca"})).json()["plan"]["attacks"]
    assert (plan["name"], plan["prior"], plan["prior_kind"]) == (attack, "pca", "pca")
    assert plan["attack_options"]


async def test_an_unknown_attack_is_rejected(tenant: Tenant, body: dict[str, Any]) -> None:
    faults = problem(await start(tenant, body | {"attack": "gme"}), 422, "invalid_request")["errors"]
    assert [fault["where"] for fault in faults] == ["body.attack"]


async def test_curves_of_shards_are_read_with_their_attack(
    tenant: Tenant, stranger: Tenant, body: dict[str, Any]
) -> None:
    audit = (await start(tenant, body)).json()
    path = f"/api/v1/audits/{audit['id']}/curves"
    assert (await tenant.client.get(path)).json() == {"items": []}
    attack = (Job.audit_id == seeds.uuid_of(audit["id"])) & (Job.stage == "attack")
    with sync_session() as session:
        session.execute(update(Job).where(attack).values(curve=[[0, 25, 4, 1.0, 2.0, 3.0, -1.0, -0.5, 0.0]]))
    (curve,) = (await tenant.client.get(path)).json()["items"]
    assert (curve["attack"], curve["part"], curve["points"][0]["loss"]["median"]) == (0, 0, 2.0)
    assert curve["label"].startswith("GMI")
    assert curve["points"][0]["confidence"]["high"] == 1.0
    problem(await stranger.client.get(path), 404, "no_such_audit")
