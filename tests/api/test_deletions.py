"""Deletions destroy what their preview names, keep scores, and leave a signed receipt."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from app.contract.predicates import DELETION_TYPE
from app.db.base import Base
from app.db.models import Artifact, ArtifactUse, Audit, Dataset, ObjectKey, Reconstruction, Release, Upload
from app.db.session import async_engine, configured_url, sync_session
from app.deletions.carrying_out import KEPT_OF_PROJECT
from app.signatures.envelope import opened
from app.signatures.keys import read_public_keys
from app.storage.store import store
from app.vault import removal
from app.vault.keys import find_key, make_key, pictures_of
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.cutting import cut_at
from tests.results import RESULT

WHY = {"reason": "the person withdrew consent"}


@pytest.fixture
async def audit(tenant: Tenant, tmp_path: Path) -> dict[str, Any]:
    """A finished audit with pictures, files in the store, and an evaluator of its private set."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "public", "role": "public"})
    private = await created(tenant.client, path, {"name": "private", "role": "private"})
    seeds.make_ready(release["id"], public["id"], private["id"])
    body = {"release_id": release["id"], "public_dataset_id": public["id"], "private_dataset_id": private["id"]}
    made = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body | {"rights": seeds.RIGHTS})
    seeds.finish(made["id"], seeds.add_reconstructions(made["id"], [0, 1]), RESULT)
    seeds.store_packed(private["id"], tmp_path)
    for kind in ("evaluator", "p_reg"):
        add_artifact(made, kind, tmp_path)
    return made


def add_artifact(audit: dict[str, Any], kind: str, tmp_path: Path) -> None:
    """Store an artifact that the audit used, as a stage does."""
    file = tmp_path / kind
    file.write_bytes(b"made")
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit["id"]))
        key = f"artifacts/{row.project_id}/{kind}/0"
        shared = {"sha256": "0" * 64, "size_bytes": 4, "object_key": key, "details": {}}
        artifact = Artifact(project_id=row.project_id, kind=kind, key="sha256:0", **shared)
        session.add(artifact)
        session.flush()
        session.add(ArtifactUse(artifact_id=artifact.id, audit_id=row.id))
        make_key(session, row.project_id, key)
    store().upload(file, key)


def rows_of(project_id: str) -> dict[str, int]:
    """Count the rows of a project in every table that has any."""
    with sync_session() as session:
        tables = [table for table in Base.metadata.sorted_tables if "project_id" in table.columns]
        own = seeds.uuid_of(project_id)
        counts = {
            table.name: session.scalars(select(func.count()).where(table.c.project_id == own)).one() for table in tables
        }
    return {name: count for name, count in counts.items() if count}


async def test_a_private_set_goes_with_what_shows_its_people(tenant: Tenant, audit: dict[str, Any]) -> None:
    private = audit["private_dataset"]["id"]
    with sync_session() as session:
        object_key = session.get_one(Dataset, seeds.uuid_of(private)).object_key
    assert object_key is not None
    preview = (await tenant.client.get(f"/api/v1/datasets/{private}/deletion")).json()
    assert preview["possible"]
    destroys = preview["destroys"]
    evaluator = f"artifacts/{seeds.uuid_of(tenant.project_id)}/evaluator/0"
    assert (destroys["objects"], destroys["artifacts"]) == ([evaluator, object_key], 1)
    assert (destroys["pictures"], destroys["pictures_of"]) == (4, [audit["id"]])
    assert store().exists(object_key), "a preview deletes nothing"

    params = WHY | {"confirm": preview["confirmation"]}
    answer = await tenant.client.delete(f"/api/v1/datasets/{private}", params=params)
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert receipt["document"]["destroyed"] == destroys
    assert receipt["document"]["keys_destroyed"] == 2, "of the evaluator and of the pictures"
    assert (receipt["document"]["reason"], receipt["document"]["deleted_by"]) == (WHY["reason"], "key:ours all")

    assert not store().exists(object_key)
    assert not store().exists(evaluator)
    assert store().exists(evaluator.replace("evaluator", "p_reg")), "made from public images alone"
    with sync_session() as session:
        row = session.get_one(Dataset, seeds.uuid_of(private))
        assert (row.state, row.object_key, row.identities) == ("deleted", None, None)
        assert find_key(session, pictures_of(seeds.uuid_of(audit["id"]))) is None
        left = Reconstruction.sealed_image.is_not(None) | Reconstruction.sealed_film.is_not(None)
        assert session.scalars(select(func.count()).where(left)).one() == 0
        assert [one.kind for one in session.scalars(select(Artifact))] == ["p_reg"]
    assert (await tenant.client.get(f"/api/v1/audits/{audit['id']}/result")).json() == RESULT
    shown = (await tenant.client.get(f"/api/v1/audits/{audit['id']}")).json()
    assert (shown["images_deleted"], shown["verdict"]) == (True, "FAIL")
    await created(
        tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": "private", "role": "private"}
    )  # the name is free again


async def test_a_receipt_is_signed_listed_and_logged(
    tenant: Tenant, stranger: Tenant, anonymous: httpx.AsyncClient, audit: dict[str, Any]
) -> None:
    receipt = (await tenant.client.delete(f"/api/v1/audits/{audit['id']}", params=WHY)).json()
    assert receipt["document"]["kept"] == ["Scores, verdicts and digests of 1 audit, and the names in their results."]
    path = f"/api/v1/receipts/{receipt['id']}"
    envelope = (await tenant.client.get(f"{path}/attestation")).content
    pem = (await anonymous.get("/api/v1/signing-keys")).json()["items"][0]["pem"]
    said = json.loads(opened(envelope, read_public_keys(pem.encode()))[0])
    assert said["predicateType"] == DELETION_TYPE
    assert said["predicate"]["subject"] == audit["id"]
    listed = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/receipts")).json()["items"]
    assert [one["id"] for one in listed] == [receipt["id"]]
    assert listed[0]["removed_at"] is not None
    problem(await stranger.client.get(path), 404, "no_such_receipt")
    entries = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert entries[0]["action"] == "audit.deleted"
    assert entries[0]["details"]["receipt"] == receipt["id"]


async def test_a_running_audit_and_a_legal_hold_stand_in_the_way(tenant: Tenant, audit: dict[str, Any]) -> None:
    path = f"/api/v1/datasets/{audit['private_dataset']['id']}"
    with sync_session() as session:
        session.execute(update(Audit).values(state="running"))
    assert (await tenant.client.get(f"{path}/deletion")).json()["running_audits"] == [audit["id"]]
    problem(await tenant.client.delete(path, params=WHY), 409, "in_use")
    with sync_session() as session:
        session.execute(update(Audit).values(state="succeeded"))
    held = {"subject": audit["id"], "reason": "court order 7"}
    hold = await created(tenant.client, f"/projects/{tenant.project_id}/holds", held)
    assert not (await tenant.client.get(f"{path}/deletion")).json()["possible"]
    assert "court order 7" in problem(await tenant.client.delete(path, params=WHY), 409, "held")["detail"]
    released = f"/api/v1/holds/{hold['id']}/release"
    assert (await tenant.client.post(released)).json()["released_by"] == "key:ours all"
    problem(await tenant.client.post(released), 409, "hold_released")
    assert (await tenant.client.delete(path, params=WHY)).status_code == 200


@pytest.mark.parametrize("held", ["private_dataset", "public_dataset", "release", "audit"])
async def test_a_hold_on_anything_in_it_keeps_a_project_and_pictures(
    admin: httpx.AsyncClient, tenant: Tenant, audit: dict[str, Any], held: str
) -> None:
    subject = audit["id"] if held == "audit" else audit[held]["id"]
    await created(tenant.client, f"/projects/{tenant.project_id}/holds", {"subject": subject, "reason": "order 7"})
    for path in (f"/api/v1/projects/{tenant.project_id}", f"/api/v1/audits/{audit['id']}"):
        assert (await admin.get(f"{path}/deletion")).json()["holds"] == [f"{subject}: order 7"]
        problem(await admin.delete(path, params=WHY), 409, "held")


async def test_a_deletion_that_changed_since_its_preview_is_rejected(tenant: Tenant, audit: dict[str, Any]) -> None:
    path = f"/api/v1/datasets/{audit['private_dataset']['id']}"
    preview = (await tenant.client.get(f"{path}/deletion")).json()
    seeds.add_reconstructions(audit["id"], [3])
    answer = await tenant.client.delete(path, params=WHY | {"confirm": preview["confirmation"]})
    problem(answer, 409, "deletion_changed")


async def test_a_resource_that_nothing_refers_to_leaves_no_row(tenant: Tenant, tmp_path: Path) -> None:
    path = f"/projects/{tenant.project_id}/datasets"
    made = await created(tenant.client, path, {"name": "unused", "role": "gallery"})
    own = seeds.uuid_of(made["id"])
    with sync_session() as session:
        upload = Upload(project_id=seeds.uuid_of(tenant.project_id), dataset_id=own, length=4, requested_by="x")
        upload.object_key, upload.expires_at = "quarantine/part", func.now()
        session.add(upload)
    (tmp_path / "part").write_bytes(b"part")
    store().upload(tmp_path / "part", "quarantine/part")
    answer = await tenant.client.delete(f"/api/v1/datasets/{made['id']}", params=WHY)
    assert answer.json()["document"]["destroyed"]["unfinished_uploads"] == 1
    assert not store().exists("quarantine/part")
    problem(await tenant.client.get(f"/api/v1/datasets/{made['id']}"), 404, "no_such_dataset")


async def test_a_checkpoint_that_two_releases_share_goes_with_the_second(tenant: Tenant, tmp_path: Path) -> None:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    first, second = [
        (await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE | {"version": version}))["id"]
        for version in ("1", "2")
    ]
    seeds.make_ready(first)
    seeds.make_ready(second)
    key = f"checkpoints/{seeds.uuid_of(tenant.project_id)}/0.safetensors"
    (tmp_path / "model").write_bytes(b"model")
    store().upload(tmp_path / "model", key)
    with sync_session() as session:
        session.execute(update(Release).values(object_key=key))
    for release, stays in ((first, True), (second, False)):
        assert (await tenant.client.delete(f"/api/v1/releases/{release}", params=WHY)).status_code == 200
        assert store().exists(key) == stays


async def test_a_project_goes_whole_and_its_log_stays(
    admin: httpx.AsyncClient, tenant: Tenant, stranger: Tenant, audit: dict[str, Any]
) -> None:
    before = rows_of(stranger.project_id)
    path = f"/api/v1/projects/{tenant.project_id}"
    problem(await tenant.client.delete(path, params=WHY), 403, "missing_scope")
    answer = await admin.delete(path, params=WHY)
    assert answer.status_code == 200, answer.text
    problem(await admin.get(path), 404, "no_such_project")
    problem(await tenant.client.get(f"/api/v1/audits/{audit['id']}"), 401, "bad_key")
    assert set(rows_of(tenant.project_id)) <= KEPT_OF_PROJECT
    assert rows_of(stranger.project_id) == before
    assert store().listed("", older_than=datetime.max.replace(tzinfo=UTC)) == []
    receipt = (await admin.get(f"/api/v1/receipts/{answer.json()['id']}")).json()
    assert receipt["document"]["name"] == "ours"


async def test_an_interrupted_removal_is_finished_later(
    tenant: Tenant, audit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    private = audit["private_dataset"]["id"]
    monkeypatch.setattr("app.deletions.service.remove_objects", lambda *_: None)
    receipt = (await tenant.client.delete(f"/api/v1/datasets/{private}", params=WHY)).json()
    left = receipt["document"]["destroyed"]["objects"]
    assert all(store().exists(key) for key in left)
    with sync_session() as session:
        assert session.scalars(select(func.count()).where(ObjectKey.object.in_(left))).one() == 0
    assert removal.remove_waiting() == 1
    assert not any(store().exists(key) for key in left)
    assert removal.remove_waiting() == 0


async def test_a_store_that_fails_does_not_fail_a_deletion(
    tenant: Tenant, audit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the store does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(type(store()), "delete", broken)
        answer = await tenant.client.delete(f"/api/v1/datasets/{audit['private_dataset']['id']}", params=WHY)
        assert (answer.status_code, answer.json()["removed_at"]) == (200, None)
        assert removal.remove_waiting() == 0
    assert removal.remove_waiting() == 1
    assert not any(store().exists(key) for key in answer.json()["document"]["destroyed"]["objects"])


async def test_a_deletion_that_is_cut_happened_with_its_receipt_or_not_at_all(
    transport: httpx.ASGITransport, tenant: Tenant, tmp_path: Path
) -> None:
    """Cut the request before and after each commit, and see what the next request finds."""
    place, outcomes = 0, []
    while True:
        place += 1
        path = f"/projects/{tenant.project_id}/datasets"
        made = await created(tenant.client, path, {"name": f"set {place}", "role": "gallery"})
        seeds.store_packed(made["id"], tmp_path)
        with sync_session() as session:
            key = session.get_one(Dataset, seeds.uuid_of(made["id"])).object_key
        assert key is not None
        with cut_at(async_engine(configured_url()).sync_engine, place, RuntimeError) as cutter:
            answer = await tenant.client.delete(f"/api/v1/datasets/{made['id']}", params=WHY)
        removal.remove_waiting()
        receipts = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/receipts")).json()["items"]
        gone = [one for one in receipts if one["document"]["subject"] == made["id"]]
        still = (await tenant.client.get(f"/api/v1/datasets/{made['id']}")).status_code == 200
        assert (len(gone), store().exists(key)) == ((0, True) if still else (1, False)), place
        outcomes.append("kept" if still else "deleted")
        if still:
            again = await tenant.client.delete(f"/api/v1/datasets/{made['id']}", params=WHY)
            assert again.status_code == 200, place
            assert not store().exists(key)
        if not cutter.cut:
            assert answer.status_code == 200
            break
        assert place < 20
    assert "kept" in outcomes


async def test_only_those_who_may_can_delete_and_others_learn_nothing(
    transport: httpx.ASGITransport, tenant: Tenant, stranger: Tenant, audit: dict[str, Any]
) -> None:
    verifier = await created(tenant.client, f"/projects/{tenant.project_id}/verifiers", {"name": "v"})
    ids = {"datasets": audit["private_dataset"]["id"], "releases": audit["release"]["id"]}
    ids |= {"verifiers": verifier["id"], "audits": audit["id"], "projects": tenant.project_id}
    async with with_key(transport, await tenant.key("audits:read", "datasets:write", "targets:write")) as reader:
        for kind, one in ids.items():
            path, code = f"/api/v1/{kind}/{one}", f"no_such_{kind.removesuffix('s')}"
            problem(await reader.delete(path, params=WHY), 403, "missing_scope")
            problem(await reader.get(f"{path}/deletion"), 403, "missing_scope")
            if kind == "projects":  # no key of a project has the scope
                continue
            problem(await stranger.client.delete(path, params=WHY), 404, code)
            problem(await stranger.client.get(f"{path}/deletion"), 404, code)
            for reason in ({}, {"reason": "  "}, {"reason": "\0\0\0"}):
                assert (await tenant.client.delete(path, params=reason)).status_code == 422
