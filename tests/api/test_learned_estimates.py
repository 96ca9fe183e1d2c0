"""The estimate learns from earlier audits, and knows what was reused in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.audits.priors import bundled_priors
from app.db.models import Dataset, Job, Release
from app.db.session import sync_session
from app.jobs.stages import NEEDS_RELEASE_THAT_FITS
from app.kit.ids import public_id
from tests.api import seeds
from tests.api.conftest import Tenant
from tests.api.test_audits import body, start  # noqa: F401
from tests.examinations import examination

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


async def test_the_estimate_learns_from_earlier_audits(tenant: Tenant, body: dict[str, Any]) -> None:  # noqa: F811
    audit = (await start(tenant, body)).json()
    with sync_session() as session:
        began = datetime.now(UTC)
        done = {"state": "succeeded", "started_at": began, "finished_at": began + timedelta(seconds=40)}
        session.execute(update(Job).where(Job.stage == "attack").values(**done, peak_memory_bytes=123))
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in body.items() if name != "rights"}
    estimate = (await tenant.client.post(path, json=request)).json()
    assert estimate["measured"]
    assert estimate["stages"]["attack"] == pytest.approx(40)
    assert estimate["memory_bytes"] == 123
    assert estimate["stages"]["prior"] > 100  # no artifacts yet
    with sync_session() as session:
        session.execute(update(Job).where(Job.stage.in_(["prior", "students"])).values(**done))
    again = (await tenant.client.post(path, json=request)).json()
    assert (again["stages"]["prior"], again["stages"]["students"]) == (1.0, 1.0)
    half = (await tenant.client.post(path, json=request | {"identities": 2})).json()
    assert half["stages"]["attack"] == pytest.approx(21), "the start takes 2 s in both"
    assert audit["estimate"]["stages"]["attack"] != 40


async def test_the_estimate_learns_nothing_from_stages_that_were_skipped(tenant: Tenant, body: dict[str, Any]) -> None:  # noqa: F811
    await start(tenant, body)
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in body.items() if name != "rights"}
    before = (await tenant.client.post(path, json=request)).json()
    with sync_session() as session:
        began = datetime.now(UTC)
        done = {"state": "succeeded", "started_at": began, "finished_at": began + timedelta(seconds=0.1)}
        skipped = update(Job).where(Job.stage.in_(NEEDS_RELEASE_THAT_FITS))
        session.execute(skipped.values(**done, result={"skipped": "at_chance"}))
    after = (await tenant.client.post(path, json=request)).json()
    assert (after["stages"], after["measured"]) == (before["stages"], False)


async def test_the_estimate_grows_with_the_network_and_carries_what_was_learned_to_another(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in body.items() if name != "rights"}

    async def attack_of(multiply_adds: int) -> float:
        with sync_session() as session:
            release = session.get_one(Release, seeds.uuid_of(body["release_id"]))
            release.examination = examination(multiply_adds=multiply_adds)
        return float((await tenant.client.post(path, json=request)).json()["stages"]["attack"])

    small, large = await attack_of(2_700_000), await attack_of(1_250_000_000)
    assert large > 5 * small
    await attack_of(2_700_000)
    await start(tenant, body)
    with sync_session() as session:
        began = datetime.now(UTC)
        done = {"state": "succeeded", "started_at": began, "finished_at": began + timedelta(seconds=40)}
        session.execute(update(Job).where(Job.stage == "attack").values(**done))
        same = ("project_id", "target_id", "architecture", "hyperparameters", "convention", "classes", "state")
        first = session.get_one(Release, seeds.uuid_of(body["release_id"]))
        other = Release(**{name: getattr(first, name) for name in same}, version="large")
        other.examination = examination(multiply_adds=1_250_000_000)
        session.add(other)
        session.flush()
        request["release_id"] = public_id("rel", other.id)
    learned = (await tenant.client.post(path, json=request)).json()
    assert learned["measured"]
    assert learned["stages"]["attack"] == pytest.approx(2 + 38 * (large - 2) / (small - 2), rel=0.05)


async def test_the_estimate_knows_the_shipped_prior(tenant: Tenant, body: dict[str, Any]) -> None:  # noqa: F811
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in body.items() if name != "rights"}
    (shipped,) = [images for images, kind in bundled_priors() if kind == "wgan-gp"]
    with sync_session() as session:
        session.get_one(Dataset, seeds.uuid_of(body["public_dataset_id"])).images_digest = shipped
    assert (await tenant.client.post(path, json=request)).json()["stages"]["prior"] == 1.0
