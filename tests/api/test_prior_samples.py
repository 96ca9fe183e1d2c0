"""Samples of a prior in training, visible only to readers of the audit."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.audits.cover import cover
from app.db.models import Audit, Job
from app.db.session import sync_session
from app.jobs.events import record
from app.jobs.sheets import sheet_key
from app.storage.store import store
from tests.api import seeds
from tests.api.conftest import Tenant, problem, with_key
from tests.api.test_refused_reveals import WHY
from tests.api.test_results import audit  # noqa: F401 - the fixture of an audit
from tests.worker.rows import jobs_of

PRIOR = "sha256:" + "c" * 64
SHEETS = ["/prior-samples", "/prior-samples/image"]


def measure(audit_id: str, step: int, kid: float, sheet: Path | None = None, **more: str) -> None:
    """Write what the worker writes at a measurement."""
    identifier = seeds.uuid_of(audit_id)
    job: Job = jobs_of(identifier, "prior")[0]
    with sync_session() as session:
        if sheet is not None:
            sheet.write_bytes(seeds.png(step))
            store().upload(sheet, sheet_key(session.get_one(Audit, identifier).project_id, PRIOR))
        payload = {"job_id": str(job.id), "stage": "prior", "shard": 0, "prior": PRIOR}
        record(session, identifier, "samples", payload | {"step": step, "steps": 2000, "kid": kid} | more)


async def test_the_newest_sheet_and_every_distance_are_shown(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    path = f"/api/v1/audits/{audit['id']}"
    for missing in SHEETS:
        problem(await tenant.client.get(path + missing), 404, "no_prior_samples")
    for step, kid in ((500, 0.8), (1000, 0.5), (1000, 0.5), (1500, -0.01)):
        measure(audit["id"], step, kid, tmp_path / "sheet.png")
    body = (await tenant.client.get(f"{path}/prior-samples")).json()
    assert body.pop("at").endswith("Z")
    measured = [{"step": 500, "kid": 0.8}, {"step": 1000, "kid": 0.5}, {"step": 1500, "kid": -0.01}]
    assert body == {"step": 1500, "steps": 2000, "kid": -0.01, "covered": False, "measured": measured}
    answer = await tenant.client.get(f"{path}/prior-samples/image")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content == seeds.png(1500)


async def test_a_sheet_that_the_store_lost_is_a_problem(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    measure(audit["id"], 500, 0.8)
    path = f"/api/v1/audits/{audit['id']}/prior-samples"
    assert (await tenant.client.get(path)).status_code == 200
    found = problem(await tenant.client.get(f"{path}/image"), 404, "no_prior_samples")
    assert "gone from the object store" in found["detail"]


async def test_another_tenant_and_a_key_that_may_not_read_see_nothing(
    tenant: Tenant,
    stranger: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    measure(audit["id"], 500, 0.8, tmp_path / "sheet.png")
    key = await tenant.key("targets:write")
    async with with_key(tenant.client._transport, key) as client:  # type: ignore[arg-type]
        for path in SHEETS:
            problem(await stranger.client.get(f"/api/v1/audits/{audit['id']}{path}"), 404, "no_such_audit")
            problem(await client.get(f"/api/v1/audits/{audit['id']}{path}"), 403, "missing_scope")


async def test_samples_of_a_prior_that_learns_answers_are_covered_and_logged(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    path, what = f"/api/v1/audits/{audit['id']}/prior-samples", f"{audit['id']}/prior-samples"
    measure(audit["id"], 500, 0.8, tmp_path / "sheet.png", kind="kedmi")
    assert (await tenant.client.get(path)).json()["covered"]
    shown = await tenant.client.get(f"{path}/image")
    assert shown.content == cover(32, 32)
    problem(await tenant.client.get(f"{path}/image", params={"original": True}), 422, "purpose_required")
    revealed = await tenant.client.get(f"{path}/image", params=WHY)
    assert np.array_equal(pixels(revealed.content), pixels(seeds.png(500)))
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [(one["action"], one["subject"], one["details"]["audit"]) for one in log[:2]] == [
        ("image.revealed", what, audit["id"]),
        ("image.reveal_refused", what, audit["id"]),
    ]


async def test_an_event_without_a_kind_is_judged_by_the_plan(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811
    tmp_path: Path,
) -> None:
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit["id"]))
        attacks = [one | {"name": "kedmi", "prior_kind": "kedmi"} for one in row.plan["attacks"]]
        row.plan = row.plan | {"attacks": attacks}
    measure(audit["id"], 500, 0.8, tmp_path / "sheet.png")
    shown = await tenant.client.get(f"/api/v1/audits/{audit['id']}/prior-samples/image")
    assert shown.content == cover(32, 32)


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)))
