"""Requests for audits that may stop early."""

from typing import Any

import pytest

from app.audits import plan as planning
from app.audits.costs import START_SECONDS
from app.audits.plan import sample
from app.contract.engine import FEWEST_TO_LOOK, LOOK_ALPHA
from tests.api.conftest import Tenant, problem
from tests.api.test_audits import body, start  # noqa: F401


async def test_half_of_the_identities_are_attacked_first(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "FEWEST_TO_LOOK", 3)
    made = (await start(tenant, body | {"stop_early": True, "seed": 3})).json()
    plan = made["plan"]
    assert plan["look"] == {"identities": sample(plan["identities"], 2, 3), "alpha": LOOK_ALPHA}
    assert {"look", "attack_rest"} < set(made["estimate"]["stages"])
    jobs = (await tenant.client.get(f"/api/v1/audits/{made['id']}/jobs")).json()["items"]
    stages = [job["stage"] for job in jobs]
    assert stages[stages.index("controls") :] == ["controls", "look", "attack_rest", "verify", "power", "score"]
    plain = (await start(tenant, body | {"seed": 3})).json()
    assert "look" not in plain["plan"]
    assert plain["estimate"]["stages"]["attack"] + START_SECONDS == pytest.approx(
        sum(made["estimate"]["stages"][name] for name in ("attack", "attack_rest")), abs=0.2
    ), "and a second job of the attack starts"


async def test_an_audit_that_cannot_be_certain_early_is_rejected(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    answer = await start(tenant, body | {"stop_early": True})
    detail = problem(answer, 422, "too_few_to_stop_early")["detail"]
    assert f"at least {FEWEST_TO_LOOK} identities, and this one has 4" in detail
    unseen = await start(tenant, body | {"stop_early": True, "private_dataset_id": None})
    problem(unseen, 422, "nothing_to_look_at")
