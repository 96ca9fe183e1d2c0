"""A rejected request for an image leaves an audit-log entry; the rest of it is rolled back."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import create_async_engine

from app.auth.bootstrap import create_sign_in_link
from app.db import session
from app.db.models import Audit, ObjectKey, Reconstruction
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.test_results import audit  # noqa: F401 - a fixture

WHY = {"original": True, "purpose": "review of the release"}


async def refusals(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the entries of rejected reveals, newest first."""
    path = f"/api/v1/projects/{tenant.project_id}/audit-log"
    entries = (await tenant.client.get(path, params={"limit": 200})).json()["items"]
    return [entry for entry in entries if entry["action"] == "image.reveal_refused"]


@pytest.fixture
async def image(audit: dict[str, Any]) -> str:  # noqa: F811 - the fixture
    """Return the path of a reconstruction's image."""
    (reconstruction,) = seeds.add_reconstructions(audit["id"], [1])
    return f"/api/v1/reconstructions/rec_{reconstruction.hex}/image"


@pytest.fixture
async def reference(audit: dict[str, Any], tmp_path: Path) -> str:  # noqa: F811 - the fixture
    """Return the path of a private image of a frozen audit."""
    seeds.store_packed(audit["private_dataset"]["id"], tmp_path)
    seeds.freeze(audit["id"])
    return f"/api/v1/audits/{audit['id']}/references/5/image"


@pytest.mark.parametrize(
    ("purpose", "status", "reason"),
    [
        (None, 422, "purpose_required"),
        ("  ", 422, "purpose_required"),
        ("x" * 501, 422, "purpose_too_long"),
        ("curiosity", 403, "missing_scope"),
    ],
)
async def test_scope_and_purpose(
    transport: httpx.ASGITransport,
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
    image: str,
    reference: str,
    purpose: str | None,
    status: int,
    reason: str,
) -> None:
    scopes = ["audits:read"] if reason == "missing_scope" else ["audits:read", "reconstructions:reveal"]
    async with with_key(transport, await tenant.key(*scopes)) as reader:
        params = {"original": True} | ({} if purpose is None else {"purpose": purpose})
        for path in (reference, image):
            problem(await reader.get(path, params=params), status, reason)
            assert (await reader.get(path)).status_code == 200  # a cover, and without an entry
    entries = await refusals(tenant)
    assert {entry["actor"] for entry in entries} == {"key:k"}
    assert {entry["address"] for entry in entries} == {"127.0.0.1"}
    kept = (purpose or "").replace("\0", "").strip()[:500]
    expected = {"audit": audit["id"], "reason": reason, "purpose": kept}
    assert [entry["details"] for entry in entries] == [expected, expected]
    assert [entry["subject"] for entry in entries] == [image.split("/")[4], f"{audit['id']}/references/5"]


async def test_a_key_that_may_not_even_read(transport: httpx.ASGITransport, tenant: Tenant, image: str) -> None:
    async with with_key(transport, await tenant.key("reconstructions:reveal")) as reader:
        problem(await reader.get(image, params=WHY), 403, "missing_scope")
        problem(await reader.get(image), 403, "missing_scope")
    assert [entry["details"]["reason"] for entry in await refusals(tenant)] == ["missing_scope"]


async def test_a_foreign_page(anonymous: httpx.AsyncClient, tenant: Tenant, image: str, reference: str) -> None:
    with sync_session() as opened:
        token = create_sign_in_link(opened)
    await anonymous.post("/api/v1/session", json={"token": token})
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for path in (image, reference):
        problem(await anonymous.get(path, params=WHY, headers=foreign), 403, "foreign_origin")
        assert (await anonymous.get(path, headers=foreign)).status_code == 200
    found = [(entry["actor"], entry["details"]["reason"]) for entry in await refusals(tenant)]
    assert found == [("operator", "foreign_origin")] * 2


async def test_a_deleted_image(tenant: Tenant, image: str) -> None:
    with sync_session() as opened:
        opened.execute(delete(ObjectKey))
        opened.execute(update(Audit).values(images_deleted_at=Audit.created_at))
        opened.execute(update(Reconstruction).values(sealed_image=None))
    problem(await tenant.client.get(image, params=WHY), 410, "image_deleted")
    problem(await tenant.client.get(image), 410, "image_deleted")
    assert [entry["details"]["reason"] for entry in await refusals(tenant)] == ["image_deleted"]


async def test_private_images_that_are_closed_missing_or_were_never_there(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    path = f"/api/v1/audits/{audit['id']}/references/{{}}/image"
    problem(await tenant.client.get(path.format(5), params=WHY), 409, "not_frozen")
    seeds.freeze(audit["id"])
    problem(await tenant.client.get(path.format(5), params=WHY), 404, "no_such_image")
    seeds.store_packed(audit["private_dataset"]["id"], tmp_path)
    problem(await tenant.client.get(path.format(800), params=WHY), 404, "no_such_image")
    with sync_session() as opened:
        opened.execute(update(Audit).values(private_dataset_id=None))
    problem(await tenant.client.get(path.format(5), params=WHY), 404, "no_references")
    found = [(entry["details"]["reason"], entry["subject"].rpartition("/")[2]) for entry in await refusals(tenant)]
    assert found == [("no_references", "5"), ("no_such_image", "800"), ("no_such_image", "5"), ("not_frozen", "5")]


async def test_pictures_of_another_project_are_logged_in_the_own_one(
    tenant: Tenant, stranger: Tenant, image: str, reference: str
) -> None:
    problem(await stranger.client.get(image, params=WHY), 404, "no_such_reconstruction")
    problem(await stranger.client.get(reference, params=WHY), 404, "no_such_audit")
    assert await refusals(tenant) == []
    entries = await refusals(stranger)
    assert [entry["details"]["reason"] for entry in entries] == ["no_such_audit", "no_such_reconstruction"]
    assert [entry["details"]["audit"] for entry in entries] == [None, None]


async def test_what_does_not_exist_is_logged_too(tenant: Tenant) -> None:
    nothing = "rec_" + "0" * 32
    problem(
        await tenant.client.get(f"/api/v1/reconstructions/{nothing}/image", params=WHY), 404, "no_such_reconstruction"
    )
    (entry,) = await refusals(tenant)
    assert entry["subject"] == nothing


@pytest.fixture
def one_connection(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool of one connection. Holding it while waiting for another would deadlock."""
    smallest = partial(create_async_engine, pool_size=1, max_overflow=0, pool_timeout=5)
    monkeypatch.setattr(session, "create_async_engine", lambda url, **_: smallest(url))


async def test_a_refusal_holds_no_connection_while_it_is_logged(one_connection: None, tenant: Tenant) -> None:
    nothing = f"/api/v1/reconstructions/rec_{'0' * 32}/image"  # rejected after a query
    problem(await tenant.client.get(nothing, params=WHY), 404, "no_such_reconstruction")
    assert len(await refusals(tenant)) == 1


async def test_many_refusals_at_once_are_all_logged_in_an_intact_chain(tenant: Tenant, image: str) -> None:
    asked = [tenant.client.get(image, params={"original": True}) for _ in range(40)]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {422}
    assert len(await refusals(tenant)) == 40
    verified = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log/verification")
    assert verified.json()["intact"]


async def test_an_unknown_image_is_in_the_log_of_the_organisation(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, tenant: Tenant, image: str
) -> None:
    acme = (await created(admin, "/organisations", {"name": "acme"}))["id"]
    scopes = ["audits:read", "reconstructions:reveal", "log:read"]
    key = (await created(admin, f"/organisations/{acme}/keys", {"name": "k", "scopes": scopes}))["key"]
    async with with_key(transport, key) as foreign:
        problem(await foreign.get(image, params=WHY), 404, "no_such_reconstruction")
        entry = (await foreign.get(f"/api/v1/organisations/{acme}/audit-log")).json()["items"][0]
    assert (entry["action"], entry["subject"]) == ("image.reveal_refused", image.split("/")[4])
    assert await refusals(tenant) == []
