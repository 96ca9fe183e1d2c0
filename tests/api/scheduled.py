"""Schedules for tests, and the steps of the scheduler without its clock."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.db.models import ScheduleRun
from app.db.session import sync_session
from app.schedules import recording
from app.schedules.starting import start_next
from tests.api import seeds
from tests.api.conftest import Tenant, created


async def request_of(tenant: Tenant) -> dict[str, Any]:
    """Return a valid request for a schedule of a target with a ready release."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    sets = {
        role: await created(tenant.client, f"/projects/{tenant.project_id}/datasets", {"name": role, "role": role})
        for role in ("public", "private")
    }
    seeds.make_ready(release["id"], *(dataset["id"] for dataset in sets.values()))
    audit = {
        "public_dataset_id": sets["public"]["id"],
        "private_dataset_id": sets["private"]["id"],
        "identities": 3,
        "rights": seeds.RIGHTS,
    }
    return {"name": "nightly", "target_id": target["id"], "cron": "0 3 * * *", "audit": audit}


async def made_schedule(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """Create a schedule and return it."""
    body = await request_of(tenant) | changes
    return await created(tenant.client, f"/projects/{tenant.project_id}/schedules", body)


def record(now: datetime) -> int:
    """Record what is due at this moment."""
    with sync_session() as session:
        return recording.record_due(session, now)


async def start_all(now: datetime) -> int:
    """Start every recorded run, and return their number."""
    count = 0
    while await start_next(now=now):
        count += 1
    return count


def runs() -> list[ScheduleRun]:
    """Return all runs by due time."""
    with sync_session() as session:
        return list(session.scalars(select(ScheduleRun).order_by(ScheduleRun.due_at)))
