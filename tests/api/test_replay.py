"""A replay is the same plan on the same inputs; what came out differently is counted."""

from typing import Any

import pytest

from app.db.models import Audit, Reconstruction
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.test_verifiers import body, start  # noqa: F401 - a fixture

RESULT: dict[str, Any] = {"sentence": "FAIL", "inputs": {"prior": "a"}, "hardware": {"cpu": "x"}}


async def test_a_replay_is_compared_with_its_original(
    tenant: Tenant,
    stranger: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    first = (await start(tenant, body)).json()
    path = f"/api/v1/audits/{first['id']}"
    problem(await tenant.client.post(f"{path}/replay"), 409, "not_finished")
    seeds.finish(first["id"], seeds.add_reconstructions(first["id"], [0, 1]), RESULT)
    problem(await tenant.client.post(f"{path}/replay"), 409, "inputs_deleted")
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(first["id"]))
        for model, identifier in seeds.inputs_of(row):
            session.get_one(model, identifier).object_key = "somewhere"
    again = await created(tenant.client, f"/audits/{first['id']}/replay", {})
    assert (again["replay_of"], again["plan_digest"]) == (first["id"], first["plan_digest"])
    assert again["declared_by"] == first["declared_by"]
    problem(await tenant.client.get(f"{path}/drift"), 404, "no_replay")
    problem(await tenant.client.get(f"/api/v1/audits/{again['id']}/drift"), 409, "no_result")
    problem(await stranger.client.post(f"{path}/replay"), 404, "no_such_audit")

    made = seeds.add_reconstructions(again["id"], [0, 1])
    seeds.finish(again["id"], made, RESULT)
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert (drift["outcome"], drift["changed"]) == ("exact", [])
    assert drift["reconstructions"] == {"total": 4, "equal": 4, "differing": 0, "unmatched": 0}

    with sync_session() as session:
        session.get_one(Reconstruction, made[0]).digest = "1" * 64
        row = session.get_one(Audit, seeds.uuid_of(again["id"]))
        row.risk, row.result = 0.75, RESULT | {"inputs": {"prior": "b"}}
    drift = (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()
    assert drift["outcome"] == "same_verdict"
    assert drift["reconstructions"]["differing"] == 1
    assert drift["risk"]["difference"] == pytest.approx(0.05)
    assert drift["changed"] == ["inputs.prior: a -> b"]
    with sync_session() as session:
        session.get_one(Audit, seeds.uuid_of(again["id"])).verdict = "INCONCLUSIVE"
    assert (await tenant.client.get(f"/api/v1/audits/{again['id']}/drift")).json()["outcome"] == "different"
