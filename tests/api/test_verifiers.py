"""Uploaded verifiers of a project, and audits that name verifiers or are rejected."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.db.models import ClassKind, Job, Release, Verifier
from app.db.session import sync_session
from app.db.states import IntakeState
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key

ONNX = b"\x08\x08 not really a model"


@pytest.fixture
async def body(tenant: Tenant) -> dict[str, Any]:
    """A valid request with 32 px grey images and a gallery of two strangers."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    datasets = f"/projects/{tenant.project_id}/datasets"
    sets = {
        role: (await created(tenant.client, datasets, {"name": role, "role": role}))["id"]
        for role in ("public", "private", "gallery")
    }
    seeds.make_ready(release["id"], sets["public"], sets["private"])
    seeds.make_ready(None, sets["gallery"], identities=["eve", "fay"])
    return {
        "release_id": release["id"],
        **{f"{role}_dataset_id": sets[role] for role in ("public", "private", "gallery")},
        "rights": seeds.RIGHTS,
    }


async def verifier(tenant: Tenant, name: str, *, sha256: str | None = None, channels: int = 1) -> str:
    """Create a verifier, ready if a digest is given, and return its id."""
    made = await created(tenant.client, f"/projects/{tenant.project_id}/verifiers", {"name": name})
    if sha256:
        with sync_session() as session:
            row = session.get_one(Verifier, seeds.uuid_of(made["id"]))
            row.state, row.sha256, row.channels, row.height, row.width = IntakeState.READY, sha256, channels, 16, 16
    return str(made["id"])


async def start(tenant: Tenant, body: dict[str, Any], **more: Any) -> httpx.Response:
    return await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/audits", json=body | more)


async def test_a_verifier_is_announced_uploaded_and_checked_by_a_job(tenant: Tenant, stranger: Tenant) -> None:
    path = f"/projects/{tenant.project_id}/verifiers"
    card = {"loss": "contrastive", "rank1_held_out": 0.91}
    made = await created(tenant.client, path, {"name": "mine", "card": card, "convention": {"mean": [0.5]}})
    assert (made["state"], made["card"], made["convention"]["mean"]) == ("awaiting_upload", card, [0.5])
    answer = await tenant.client.put(f"/api/v1/verifiers/{made['id']}/file", content=ONNX)
    assert (answer.status_code, answer.json()["state"]) == (202, "checking"), answer.text
    with sync_session() as session:
        job = session.scalars(select(Job)).one()
        assert (job.stage, job.subject_id) == ("intake_verifier", seeds.uuid_of(made["id"]))
    again = await tenant.client.put(f"/api/v1/verifiers/{made['id']}/file", content=ONNX)
    problem(again, 409, "not_awaiting_upload")
    problem(await tenant.client.post(f"/api/v1{path}", json={"name": "mine"}), 409, "name_taken")
    problem(
        await tenant.client.post(f"/api/v1{path}", json={"name": "verifier-omniglot32-plain"}), 422, "reserved_name"
    )
    big = {"name": "big", "card": {"text": "x" * 70_000}}
    assert (await tenant.client.post(f"/api/v1{path}", json=big)).status_code == 422
    assert [one["id"] for one in (await tenant.client.get(f"/api/v1{path}")).json()["items"]] == [made["id"]]
    problem(await stranger.client.get(f"/api/v1/verifiers/{made['id']}"), 404, "no_such_verifier")
    problem(await stranger.client.put(f"/api/v1/verifiers/{made['id']}/file", content=ONNX), 404, "no_such_verifier")


async def test_uploading_needs_the_scope(tenant: Tenant, transport: httpx.ASGITransport) -> None:
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        path = f"/api/v1/projects/{tenant.project_id}/verifiers"
        problem(await reader.post(path, json={"name": "x"}), 403, "missing_scope")
        assert (await reader.get(path)).json()["items"] == []
        bundled = (await reader.get("/api/v1/bundled-verifiers")).json()["items"]
    assert {(one["channels"], one["height"], one["width"]) for one in bundled} >= {(1, 32, 32)}


async def test_without_a_word_the_bundled_verifiers_judge(tenant: Tenant, body: dict[str, Any]) -> None:
    plan = (await start(tenant, body)).json()["plan"]
    assert [one["name"] for one in plan["verifiers"]] == ["verifier-omniglot32-plain", "verifier-omniglot32-residual"]
    assert {one["source"] for one in plan["verifiers"]} == {"bundled"}
    assert all(one["digest"].startswith("sha256:") for one in plan["verifiers"])
    assert plan["gallery"] == {"images": "sha256:" + "0" * 64}
    assert plan["twin"] is None


async def test_the_plan_names_uploaded_verifiers_by_digest(tenant: Tenant, body: dict[str, Any]) -> None:
    ids = [await verifier(tenant, "a", sha256="a" * 64), await verifier(tenant, "b", sha256="b" * 64)]
    audit = (await start(tenant, body, verifiers=[*ids, "verifier-omniglot32-plain"])).json()
    found = [(one["name"], one["source"]) for one in audit["plan"]["verifiers"]]
    assert found == [("a", "uploaded"), ("b", "uploaded"), ("verifier-omniglot32-plain", "bundled")]
    assert audit["plan"]["verifiers"][0]["digest"] == "sha256:" + "a" * 64
    assert audit["gallery_dataset"]["name"] == "gallery"


@pytest.mark.parametrize(
    ("names", "status", "code"),
    [
        (["ready", "same"], 422, "same_verifier_twice"),
        (["ready", "waiting"], 422, "not_ready"),
        (["colour"], 422, "verifier_channels"),
        (["verifier-of-nobody"], 422, "no_such_verifier"),
        (["ver_" + "0" * 32], 404, "no_such_verifier"),
        (["ver_short"], 422, "no_such_verifier"),
    ],
)
async def test_verifiers_that_cannot_judge_are_rejected(
    tenant: Tenant, body: dict[str, Any], names: list[str], status: int, code: str
) -> None:
    known = {
        "ready": await verifier(tenant, "ready", sha256="a" * 64),
        "same": await verifier(tenant, "same", sha256="a" * 64),
        "waiting": await verifier(tenant, "waiting"),
        "colour": await verifier(tenant, "colour", sha256="c" * 64, channels=3),
    }
    problem(await start(tenant, body, verifiers=[known.get(name, name) for name in names]), status, code)


async def test_verifiers_of_others_do_not_exist(tenant: Tenant, stranger: Tenant, body: dict[str, Any]) -> None:
    theirs = await verifier(stranger, "theirs", sha256="d" * 64)
    problem(await start(tenant, body, verifiers=[theirs]), 404, "no_such_verifier")


async def test_one_verifier_cannot_verify_and_the_estimate_says_so(tenant: Tenant, body: dict[str, Any]) -> None:
    request = {name: value for name, value in body.items() if name != "rights"}
    request["verifiers"] = ["verifier-omniglot32-plain"]
    answer = await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/audits/estimate", json=request)
    assert "two are needed" in answer.json()["concludes"][0]


async def test_a_gallery_holds_strangers_only(tenant: Tenant, body: dict[str, Any]) -> None:
    seeds.make_ready(None, body["gallery_dataset_id"], identities=["ada", "eve"])
    for name in ("ada", "ADA"):
        seeds.make_ready(None, body["gallery_dataset_id"], identities=[name, "eve"])
        refused = problem(await start(tenant, body), 422, "gallery_has_members")
        assert refused["errors"] == [{"identity": name}, {"field": "gallery_dataset_id"}]
    problem(await start(tenant, body, gallery_dataset_id=body["private_dataset_id"]), 422, "wrong_role")
    seeds.make_ready(None, body["gallery_dataset_id"], identities=[])
    problem(await start(tenant, body), 422, "no_identities")


async def twin(tenant: Tenant, original: str, version: str, **more: Any) -> httpx.Response:
    target = (await tenant.client.get(f"/api/v1/releases/{original}")).json()["target_id"]
    replaced = [{"identity": "ada", "stand_in": "eve"}, {"identity": "cyd", "stand_in": "fay"}]
    request = seeds.RELEASE | {"version": version, "twin_of": original, "replaced": replaced} | more
    return await tenant.client.post(f"/api/v1/targets/{target}/releases", json=request)


async def test_the_newest_ready_twin_joins_the_next_audit(tenant: Tenant, body: dict[str, Any]) -> None:
    made = (await twin(tenant, body["release_id"], "1-twin")).json()
    assert made["twin_of"] == body["release_id"]
    assert (await start(tenant, body)).json()["twin_release"] is None, "it has not passed its checks yet"
    seeds.make_ready(made["id"])
    with sync_session() as session:
        session.get_one(Release, seeds.uuid_of(made["id"])).sha256 = "e" * 64
    audit = (await start(tenant, body, identities=4)).json()
    assert audit["twin_release"] == {"id": made["id"], "version": "1-twin"}
    assert audit["plan"]["twin"]["identities"] == [0, 2]
    assert audit["plan"]["twin"]["checkpoint"] == "sha256:" + "e" * 64
    assert (await start(tenant, body, twin_release_id=None)).json()["twin_release"] is None
    assert (await start(tenant, body, twin_release_id=made["id"])).json()["twin_release"]["id"] == made["id"]
    problem(await start(tenant, body, twin_release_id=body["release_id"]), 422, "not_a_twin")


async def test_a_release_from_before_names_were_compared_can_have_a_twin(tenant: Tenant, body: dict[str, Any]) -> None:
    with sync_session() as session:
        session.get_one(Release, seeds.uuid_of(body["release_id"])).classes = ["ada", "ADA", "cyd ", "dan"]
    replaced = [{"identity": "cyd", "stand_in": "eve"}]
    made = (
        await twin(tenant, body["release_id"], "1-twin", classes=["ada", "ADA", "cyd", "dan"], replaced=replaced)
    ).json()
    assert made["classes"] == ["ada", "ADA", "cyd ", "dan"]
    assert made["replaced"] == [{"identity": "cyd ", "stand_in": "eve"}]


async def test_a_twin_takes_over_what_its_release_says(tenant: Tenant, body: dict[str, Any]) -> None:
    with sync_session() as session:
        original = session.get_one(Release, seeds.uuid_of(body["release_id"]))
        original.classes_are, original.class_order_confirmed = ClassKind.WRITER, True
    replaced = [{"identity": "ADA", "stand_in": "eve "}]
    made = (await twin(tenant, body["release_id"], "1-twin", replaced=replaced, classes_are="object")).json()
    assert (made["classes_are"], made["class_order_confirmed"]) == ("writer", True)
    assert made["replaced"] == [{"identity": "ada", "stand_in": "eve"}]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"replaced": [{"identity": "nobody", "stand_in": "eve"}]}, "unknown_identities"),
        ({"replaced": [{"identity": "ada", "stand_in": "bob"}]}, "stand_in_is_member"),
        ({"replaced": [{"identity": "ada", "stand_in": "Bob "}]}, "stand_in_is_member"),
        ({"classes": ["ada", "bob", "dan", "cyd"]}, "twin_classes"),
        ({"replaced": None}, "invalid_request"),
        ({"replaced": [{"identity": "ada", "stand_in": s} for s in ("eve", "fay")]}, "invalid_request"),
    ],
)
async def test_what_is_not_a_twin_is_rejected(
    tenant: Tenant, body: dict[str, Any], more: dict[str, Any], code: str
) -> None:
    answer = await twin(tenant, body["release_id"], "1-twin", **more)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
