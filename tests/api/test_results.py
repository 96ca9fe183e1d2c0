"""Results: figures for all readers, covered images, and originals that are logged."""

import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import delete, update

from app.audits.cover import cover
from app.auth.bootstrap import create_sign_in_link
from app.db.models import Audit, IdentityOutcome, ObjectKey, Reconstruction
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.results import RESULT


@pytest.fixture
async def audit(tenant: Tenant) -> dict[str, Any]:
    """A running audit of a ready release."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "public", "role": "public"})
    private = await created(tenant.client, path, {"name": "private", "role": "private"})
    seeds.make_ready(release["id"], public["id"], private["id"])
    body = {
        "release_id": release["id"],
        "public_dataset_id": public["id"],
        "private_dataset_id": private["id"],
        "rights": seeds.RIGHTS,
    }
    return await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)


async def log_of(tenant: Tenant) -> list[dict[str, Any]]:
    answer = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")
    return [entry for entry in answer.json()["items"] if entry["action"] == "image.revealed"]


async def test_there_is_no_result_before_the_end(tenant: Tenant, audit: dict[str, Any]) -> None:
    problem(await tenant.client.get(f"/api/v1/audits/{audit['id']}/result"), 409, "no_result")


async def test_the_result_is_passed_on_whole(tenant: Tenant, audit: dict[str, Any]) -> None:
    later = RESULT | {"verifiers": [one | {"later": True} for one in RESULT["verifiers"]]}
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1, 2]), later)
    answer = await tenant.client.get(f"/api/v1/audits/{audit['id']}/result")
    assert answer.status_code == 200
    assert answer.json() == later, "with what a later version of the program has added"
    (listed,) = (await tenant.client.get("/api/v1/audits")).json()["items"]
    assert (listed["verdict"], listed["risk"], listed["sentence"]) == ("FAIL", 0.7, RESULT["sentence"])


async def test_an_identity_shows_the_judge_that_decides(tenant: Tenant, audit: dict[str, Any]) -> None:
    submitted = seeds.add_reconstructions(audit["id"], [0, 1, 2])
    seeds.finish(audit["id"], submitted, RESULT)
    path = f"/api/v1/audits/{audit['id']}/identities"
    page = (await tenant.client.get(path, params={"limit": 2})).json()
    assert [item["identity"] for item in page["items"]] == [0, 1]
    first = page["items"][0]
    assert first["reconstruction_id"] == f"rec_{submitted[0].hex}"
    assert first["control_reconstruction_id"] is None
    assert (first["verifier"], first["threshold"], first["rank"], first["nearest_reference"]) == ("b", 0.5, 2, 1)
    assert [score["judge"] for score in first["scores"]] == ["a", "b"]
    rest = (await tenant.client.get(path, params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [item["identity"] for item in rest["items"]] == [2]
    assert rest["next_cursor"] is None


async def test_identities_are_listed_the_most_exposed_first(tenant: Tenant, audit: dict[str, Any]) -> None:
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1, 2]), RESULT)
    path, order = f"/api/v1/audits/{audit['id']}/identities", {"sort": "exposed", "limit": 2}
    page = (await tenant.client.get(path, params=order)).json()
    rest = (await tenant.client.get(path, params=order | {"cursor": page["next_cursor"]})).json()
    items = page["items"] + rest["items"]
    assert [(item["identity"], item["rank_exposed"]) for item in items] == [(2, 1), (1, 2), (0, 3)]
    assert rest["next_cursor"] is None


async def test_a_person_never_stands_beside_the_threshold_of_another_verifier(
    tenant: Tenant, audit: dict[str, Any]
) -> None:
    """Use an outcome of an older version: similarity .50 is that of a, threshold .55 that of b."""
    submitted = seeds.add_reconstructions(audit["id"], [0, 1])
    seeds.finish(audit["id"], submitted, RESULT)
    old = {"rank": {"a": 1, "b": 1}, "similarity": {"a": 0.5, "b": 0.57}, "threshold": {"a": 0.45, "b": 0.55}}
    with sync_session() as session:
        session.execute(update(IdentityOutcome).values(similarity=0.5, verified=True, details=old))
    (one, _) = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/identities")).json()["items"]
    assert (one["verifier"], one["similarity"], one["threshold"], one["rank"]) == ("b", 0.57, 0.55, 1)
    assert one["rank_exposed"] is None, "nothing stored says how exposed anybody is"
    assert one["nearest_reference"] == 1, "of verifier b"


async def test_reconstructions_are_filtered_and_paged(tenant: Tenant, audit: dict[str, Any]) -> None:
    seeds.add_reconstructions(audit["id"], [2, 0, 1])
    path = f"/api/v1/audits/{audit['id']}/reconstructions"
    seen: list[tuple[int, int]] = []
    cursor = None
    while True:
        params = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = (await tenant.client.get(path, params=params)).json()
        seen += [(item["identity"], item["restart"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    one = (await tenant.client.get(path, params={"submitted": True, "identity": 1})).json()["items"]
    assert [(item["identity"], item["submitted"]) for item in one] == [(1, True)]
    assert (await tenant.client.get(path, params={"source": "prior"})).json()["items"] == []
    assert "image" not in {name for name in one[0] if name != "image_available"}


async def test_an_image_is_covered_by_default_and_not_logged(tenant: Tenant, audit: dict[str, Any]) -> None:
    """All people have the same cover, so that it cannot be compared with candidates."""
    shown = set()
    for reconstruction in seeds.add_reconstructions(audit["id"], [0, 1, 2]):
        answer = await tenant.client.get(f"/api/v1/reconstructions/rec_{reconstruction.hex}/image")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "no-store"
        shown.add(answer.content)
    assert shown == {cover(32, 32)}
    assert await log_of(tenant) == []


async def test_the_original_needs_a_purpose_and_leaves_a_line(tenant: Tenant, audit: dict[str, Any]) -> None:
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [1])
    path = f"/api/v1/reconstructions/rec_{reconstruction.hex}/image"
    for purpose in ({}, {"purpose": "  "}, {"purpose": "x"}):
        answer = await tenant.client.get(path, params={"original": True} | purpose)
        problem(answer, 422, "purpose_required")
    assert await log_of(tenant) == []
    answer = await tenant.client.get(path, params={"original": True, "purpose": "review of the release"})
    original = Image.open(io.BytesIO(answer.content))
    np.testing.assert_array_equal(np.asarray(original), np.asarray(Image.open(io.BytesIO(seeds.png(10)))))
    mark = original.info["Exhume reveal"]
    assert all(
        one in mark for one in (f"rec_{reconstruction.hex}", audit["id"], "key:ours all", "review of the release")
    )
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = await log_of(tenant)
    assert entry["subject"] == f"rec_{reconstruction.hex}"
    assert entry["details"] == {"audit": audit["id"], "purpose": "review of the release"}


async def test_the_original_needs_the_scope(
    transport: httpx.ASGITransport, tenant: Tenant, audit: dict[str, Any]
) -> None:
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [1])
    path = f"/api/v1/reconstructions/rec_{reconstruction.hex}/image"
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        assert (await reader.get(path)).status_code == 200
        answer = await reader.get(path, params={"original": True, "purpose": "curiosity"})
        problem(answer, 403, "missing_scope")
    assert await log_of(tenant) == []


async def test_a_foreign_page_cannot_make_a_browser_reveal(
    anonymous: httpx.AsyncClient, tenant: Tenant, audit: dict[str, Any]
) -> None:
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [1])
    with sync_session() as session:
        token = create_sign_in_link(session)
    await anonymous.post("/api/v1/session", json={"token": token})
    path = f"/api/v1/reconstructions/rec_{reconstruction.hex}/image"
    params = {"original": True, "purpose": "made up by a page"}
    answer = await anonymous.get(path, params=params, headers={"Sec-Fetch-Site": "cross-site"})
    problem(answer, 403, "foreign_origin")
    assert await log_of(tenant) == []
    ours = await anonymous.get(path, params=params, headers={"Sec-Fetch-Site": "same-origin"})
    assert "operator" in Image.open(io.BytesIO(ours.content)).info["Exhume reveal"]


async def test_a_deleted_image_is_gone(tenant: Tenant, audit: dict[str, Any]) -> None:
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [1])
    with sync_session() as session:
        session.execute(delete(ObjectKey))
        session.execute(update(Audit).values(images_deleted_at=Audit.created_at))
        session.execute(update(Reconstruction).values(sealed_image=None))
    problem(await tenant.client.get(f"/api/v1/reconstructions/rec_{reconstruction.hex}/image"), 410, "image_deleted")
    listed = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/reconstructions")).json()["items"]
    assert not any(item["image_available"] for item in listed)
    assert (await tenant.client.get(f"/api/v1/audits/{audit['id']}")).json()["images_deleted"]


async def test_a_ciphertext_moved_to_another_row_does_not_open(tenant: Tenant, audit: dict[str, Any]) -> None:
    first, second = seeds.add_reconstructions(audit["id"], [1, 2])
    with sync_session() as session:
        session.get_one(Reconstruction, second).sealed_image = session.get_one(Reconstruction, first).sealed_image
    params = {"original": True, "purpose": "review of the release"}
    problem(await tenant.client.get(f"/api/v1/reconstructions/rec_{second.hex}/image", params=params), 500, "internal")


@pytest.mark.parametrize("compressed", [False, True])
async def test_references_open_only_after_the_freeze(
    tenant: Tenant, audit: dict[str, Any], tmp_path: Path, compressed: bool
) -> None:
    images = seeds.store_packed(audit["private_dataset"]["id"], tmp_path, compressed=compressed)
    path = f"/api/v1/audits/{audit['id']}/references/5/image"
    original = {"original": True, "purpose": "review of the release"}
    problem(await tenant.client.get(path, params=original), 409, "not_frozen")
    seeds.freeze(audit["id"])
    answer = await tenant.client.get(path, params=original)
    assert answer.headers["cache-control"] == "no-store"
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.content))), images[5])
    (entry,) = await log_of(tenant)
    assert entry["subject"] == f"{audit['private_dataset']['id']}/5"
    assert (await tenant.client.get(path)).content == cover(32, 32)
    assert len(await log_of(tenant)) == 1
    problem(await tenant.client.get(path.replace("/5/", "/8/")), 404, "no_such_image")


def test_a_cover_has_the_size_of_the_picture_and_nothing_else_of_it() -> None:
    out = Image.open(io.BytesIO(cover(20, 40)))
    assert (out.size, out.info, len(set(np.asarray(out).ravel().tolist()))) == ((40, 20), {}, 2)
