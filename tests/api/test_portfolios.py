"""Requests for several attacks at once."""

from typing import Any, get_args

import pytest
from sqlalchemy import update

from app.contract.choices import Effort
from app.contract.engine import PORTFOLIOS, Portfolio
from app.db.models import Dataset
from app.db.session import sync_session
from tests.api.conftest import Tenant, problem
from tests.api.test_audits import body, start  # noqa: F401


async def test_a_portfolio_is_planned_in_its_order_with_what_each_attack_names(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    asked = {"attacks": ["gmi", {"name": "kedmi", "setting": "lom"}, {"name": "gmi", "prior": "pca"}]}
    audit = (await start(tenant, body | asked | {"setting": "baseline", "effort": "quick"})).json()
    attacks = audit["plan"]["attacks"]
    assert [(one["name"], one["setting"], one["prior"], one["prior_kind"]) for one in attacks] == [
        ("gmi", "baseline", "trained", "wgan-gp"),
        ("kedmi", "lom", "trained", "kedmi"),
        ("gmi", "baseline", "pca", "pca"),
    ]
    assert audit["plan"]["combination"] == "union"
    assert audit["estimate"]["attacks"] == [
        "GMI, baseline, trained prior",
        "KEDMI, +LOM, trained prior",
        "GMI, baseline, PCA prior",
    ]
    jobs = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/jobs")).json()["items"]
    assert len([job for job in jobs if job["stage"] == "attack"]) == 3


async def test_a_portfolio_takes_the_time_of_its_attacks_and_makes_each_prior_once(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    asked = {name: value for name, value in body.items() if name != "rights"} | {"setting": "baseline"}

    async def stages(*attacks: str) -> dict[str, float]:
        answer = await tenant.client.post(path, json=asked | {"attacks": list(attacks)})
        found: dict[str, float] = answer.json()["stages"]
        return found

    with sync_session() as session:
        session.execute(update(Dataset).values(images=100_000))
    gmi, ppa, kedmi = await stages("gmi"), await stages("ppa"), await stages("kedmi")
    assert (await stages("gmi", "ppa"))["attack"] == pytest.approx(gmi["attack"] + ppa["attack"], abs=0.2)
    assert (await stages("gmi", "ppa"))["prior"] == gmi["prior"], "they search the same prior"
    assert (await stages("gmi", "decoder"))["prior"] > gmi["prior"], "it fits a decoder to the target, too"
    assert (await stages("gmi", "kedmi"))["prior"] == pytest.approx(gmi["prior"] + kedmi["prior"])


@pytest.mark.parametrize("effort", get_args(Effort))
async def test_without_attacks_those_of_the_effort_are_run(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
    effort: Effort,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PORTFOLIOS, effort, Portfolio(small=("miface", "gmi"), large=("ppa",)))
    plan = (await start(tenant, body | {"effort": effort})).json()["plan"]
    assert [one["name"] for one in plan["attacks"]] == ["miface", "gmi"]
    named = (await start(tenant, body | {"effort": effort, "attack": "vmi"})).json()["plan"]
    assert [one["name"] for one in named["attacks"]] == ["vmi"], "`attack` is a list of one"


async def test_one_attack_gives_the_same_plan_by_name_and_as_a_list(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    asked: list[dict[str, Any]] = [{"attack": "kedmi"}, {"attacks": ["kedmi"]}, {"attacks": [{"name": "kedmi"}]}]
    digests = {(await start(tenant, body | one)).json()["plan_digest"] for one in asked}
    assert len(digests) == 1


async def test_a_portfolio_that_is_none_is_rejected(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
) -> None:
    twice: dict[str, Any] = {"attacks": ["gmi", {"name": "gmi", "setting": "lomma"}], "setting": "lomma"}
    problem(await start(tenant, body | twice), 422, "same_attack_twice")
    for wrong in ({"attack": "gmi", "attacks": ["gmi"]}, {"attacks": []}, {"attacks": ["gmi"] * 9}, {"attacks": ["x"]}):
        assert (await start(tenant, body | wrong)).status_code == 422
