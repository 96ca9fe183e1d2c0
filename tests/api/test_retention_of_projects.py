"""A project has its own retention, which applies to earlier audits too."""

from datetime import timedelta

from app.db.models import Audit
from app.db.session import sync_session
from app.scheduler.retention import sweep
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.results import RESULT


async def audit_of(tenant: Tenant) -> str:
    """Return a finished audit with pictures."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "public", "role": "public"})
    seeds.make_ready(release["id"], public["id"])
    body = {"release_id": release["id"], "public_dataset_id": public["id"], "rights": seeds.RIGHTS}
    audit = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0]), RESULT)
    return str(audit["id"])


async def test_pictures_of_earlier_audits_follow_and_a_hold_keeps_them(tenant: Tenant, stranger: Tenant) -> None:
    audit = await audit_of(tenant)
    path = f"/api/v1/projects/{tenant.project_id}/retention"
    problem(await stranger.client.put(path, json={"days": 1}), 404, "no_such_project")
    assert (await tenant.client.put(path, json={"days": 2})).json() == {"days": 2}
    assert (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}")).json()["retention_days"] == 2
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit))
        assert row.delete_images_at - row.created_at == timedelta(days=2)
        row.delete_images_at = row.created_at - timedelta(days=1)
    held = {"subject": tenant.project_id, "reason": "court order 7"}
    hold = await created(tenant.client, f"/projects/{tenant.project_id}/holds", held)
    with sync_session() as session:
        assert sweep(session)["images"] == 0
    await tenant.client.post(f"/api/v1/holds/{hold['id']}/release")
    with sync_session() as session:
        assert sweep(session)["images"] == 2
    assert (await tenant.client.put(path, json={"days": None})).json() == {"days": None}
