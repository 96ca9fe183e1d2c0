"""The estimate tells audits that make something for the first time from those that reuse it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.db.models import Job
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant
from tests.api.test_audits import body, start  # noqa: F401

TOOK = {"references": (60, 4), "prepare": (40, 3), "verify": (50, 9), "power": (200, 2)}
"""Seconds of each stage in an audit, and in one that reuses what it made."""


async def test_what_is_reused_is_estimated_by_audits_that_reused_it(tenant: Tenant, body: dict[str, Any]) -> None:  # noqa: F811
    began = datetime.now(UTC)
    for number in (0, 1):
        audit = (await start(tenant, body)).json()
        with sync_session() as session:
            for stage, took in TOOK.items():
                done = {"started_at": began, "finished_at": began + timedelta(seconds=took[number])}
                of_audit = Job.audit_id == seeds.uuid_of(audit["id"])
                session.execute(update(Job).where(of_audit, Job.stage == stage).values(state="succeeded", **done))
        began += timedelta(hours=1)
    request = {name: value for name, value in body.items() if name != "rights"}
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    estimate = (await tenant.client.post(path, json=request)).json()
    assert {stage: estimate["stages"][stage] for stage in TOOK} == {
        stage: pytest.approx(took, abs=0.1) for stage, (_, took) in TOOK.items()
    }
    other = (await tenant.client.post(path, json=request | {"effort": "deep"})).json()
    assert other["stages"]["power"] > 100, "this plan was not tried on the reference model"
