"""Priors that audits made: listed with their samples, and deleted."""

from pathlib import Path
from typing import Any

from app.audits.cover import cover
from app.db.models import Artifact, ArtifactUse, Audit
from app.db.session import sync_session
from app.jobs.sheets import sheet_key, training_key
from app.kit.ids import public_id
from app.storage.store import store
from tests.api import seeds
from tests.api.conftest import Tenant, problem
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit

KEY = "sha256:" + "d" * 64
WHY = {"reason": "room for others"}
PURPOSE = {"original": True, "purpose": "look at it"}


def add_prior(audit_id: str, folder: Path, kind: str = "pca") -> tuple[str, list[str]]:
    """Write a prior as the worker does. Return its id and its objects."""
    file = folder / "file"
    file.write_bytes(seeds.png(3))
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit_id))
        objects = [f"artifacts/{row.project_id}/prior/d", sheet_key(row.project_id, KEY)]
        prior = Artifact(
            project_id=row.project_id,
            kind="prior",
            key=KEY,
            sha256="e" * 64,
            size_bytes=812,
            object_key=objects[0],
            details={"recipe": {"kind": kind, "latent_dim": 48}, "images": 8},
        )
        session.add(prior)
        session.flush()
        session.add(ArtifactUse(artifact_id=prior.id, audit_id=row.id))
        for name in objects:
            store().upload(file, name)
        return public_id("pri", prior.id), [*objects, training_key(row.project_id, KEY)]


async def test_a_prior_says_what_it_was_made_from_and_who_used_it(
    tenant: Tenant,
    stranger: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    identifier, _ = add_prior(audit["id"], tmp_path)
    path = f"/api/v1/projects/{tenant.project_id}/priors"
    (shown,) = (await tenant.client.get(path, params={"q": "pca"})).json()["items"]
    public = {name: audit["public_dataset"][name] for name in ("id", "name")}
    assert {name: shown[name] for name in ("id", "kind", "images", "size_bytes", "key", "audit_count")} == {
        "id": identifier,
        "kind": "pca",
        "images": 8,
        "size_bytes": 812,
        "key": KEY,
        "audit_count": 1,
    }
    assert shown["public_datasets"] == [public]
    assert (await tenant.client.get(path, params={"q": "gan"})).json()["items"] == []
    own = f"/api/v1/priors/{identifier}"
    assert (await tenant.client.get(own)).json() == shown
    samples = await tenant.client.get(f"{own}/samples/image")
    assert (samples.content, samples.headers["cache-control"]) == (seeds.png(3), "no-store")
    audits = f"/api/v1/projects/{tenant.project_id}/audits"
    assert [
        one["id"] for one in (await tenant.client.get(audits, params={"prior_id": identifier})).json()["items"]
    ] == [audit["id"]]
    other = identifier[:-4] + "0000"
    assert (await tenant.client.get(audits, params={"prior_id": other})).json()["items"] == []
    for address in (own, f"{own}/samples/image", f"{own}/deletion"):
        problem(await stranger.client.get(address), 404, "no_such_prior")


async def test_samples_of_a_prior_that_learned_answers_are_covered_and_logged(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    identifier, _ = add_prior(audit["id"], tmp_path, "kedmi")
    path = f"/api/v1/priors/{identifier}"
    assert (await tenant.client.get(path)).json()["covered"]
    assert (await tenant.client.get(f"{path}/samples/image")).content == cover(32, 32)
    problem(await tenant.client.get(f"{path}/samples/image", params={"original": True}), 422, "purpose_required")
    assert (await tenant.client.get(f"{path}/samples/image", params=PURPOSE)).content != cover(32, 32)
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [(one["action"], one["subject"], one["details"]["prior"]) for one in log[:2]] == [
        ("image.revealed", f"{identifier}/samples", identifier),
        ("image.reveal_refused", f"{identifier}/samples", identifier),
    ]


async def test_a_deleted_prior_leaves_a_receipt_and_nothing_else(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    identifier, objects = add_prior(audit["id"], tmp_path)
    own = f"/api/v1/priors/{identifier}"
    assert (await tenant.client.get(f"{own}/deletion")).json()["running_audits"] == [audit["id"]]
    problem(await tenant.client.delete(own, params=WHY), 409, "in_use")
    with sync_session() as session:
        session.get_one(Audit, seeds.uuid_of(audit["id"])).state = "succeeded"
    preview = (await tenant.client.get(f"{own}/deletion")).json()
    assert (preview["name"], preview["possible"]) == ("prior of kind pca", True)
    assert (preview["destroys"]["objects"], preview["destroys"]["artifacts"]) == (sorted(objects), 1)
    assert (preview["destroys"]["pictures"], preview["keeps"][-1]) == (
        0,
        "Nothing is lost: an audit that needs this prior makes the same one again.",
    )
    receipt = (await tenant.client.delete(own, params=WHY | {"confirm": preview["confirmation"]})).json()
    assert (receipt["kind"], receipt["document"]["digest"]) == ("prior", "sha256:" + "e" * 64)
    assert not any(store().exists(name) for name in objects)
    problem(await tenant.client.get(own), 404, "no_such_prior")
    assert (await tenant.client.get(f"/api/v1/audits/{audit['id']}")).status_code == 200
