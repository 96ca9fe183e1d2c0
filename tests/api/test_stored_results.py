"""A stored result of an earlier version loads, follows the schema and is read correctly.

`stored/result-before-figures.json` was written before figures had labels and outcomes a deciding
verifier. Three of six identities are recognised, and all six have outcomes.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import insert

import app.audits
from app.contract.outcome import deciding_verifier
from app.contract.result import Result, json_schema
from app.contract.upgrades.outcome import upgraded
from app.db.models import Audit, IdentityOutcome
from app.db.session import sync_session
from app.db.states import AuditState
from tests.api import seeds
from tests.api.conftest import Tenant, created
from tests.results import RESULT

FOLDER = Path(__file__).parent / "stored"
STORED: dict[str, Any] = json.loads((FOLDER / "result-before-figures.json").read_text())
OF_ONE_ATTACK: dict[str, Any] = json.loads((FOLDER / "result-before-attacks.json").read_text())


@pytest.fixture
async def audit(tenant: Tenant) -> dict[str, Any]:
    """A finished audit with the stored result and outcomes."""
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE)
    path = f"/projects/{tenant.project_id}/datasets"
    public = await created(tenant.client, path, {"name": "public", "role": "public"})
    private = await created(tenant.client, path, {"name": "private", "role": "private"})
    seeds.make_ready(release["id"], public["id"], private["id"])
    body: dict[str, Any] = {"release_id": release["id"], "public_dataset_id": public["id"]}
    body |= {"private_dataset_id": private["id"], "rights": seeds.RIGHTS}
    made = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(made["id"]))
        shared = {"audit_id": row.id, "project_id": row.project_id}
        session.execute(insert(IdentityOutcome), [shared | outcome for outcome in STORED["outcomes"]])
        row.result, row.verdict, row.evidence_level = STORED["result"], "INCONCLUSIVE", "verified"
        row.state = AuditState.SUCCEEDED
    return made | {"body": body}


async def test_it_loads_with_labels_and_without_what_was_not_measured(tenant: Tenant, audit: dict[str, Any]) -> None:
    answer = await tenant.client.get(f"/api/v1/audits/{audit['id']}/result")
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert result["sentence"] == STORED["result"]["sentence"]
    assert (result["fit"], result["stopped"], result["naming"]) == (None, None, None)
    assert result["noun"] == {"one": "identity", "many": "identities"}, "as its sentences say"
    assert [one["restarts"] for one in result["named"]] == [None] * 3
    for part in ("figures", "controls"):
        assert result[part].keys() == {name for name, one in STORED["result"][part].items() if one is not None}
        for name, figure in result[part].items():
            assert figure["label"], name
            assert figure["value"] == STORED["result"][part][name]["value"]
    labels = [figure["label"] for figure in sorted(result["figures"].values(), key=lambda one: one["order"])]
    assert labels[:2] == ["risk R", "recognised by every verifier"]


async def test_each_identity_stands_beside_the_threshold_of_the_verifier_that_decides(
    tenant: Tenant, audit: dict[str, Any]
) -> None:
    path = f"/api/v1/audits/{audit['id']}/identities"
    items = (await tenant.client.get(path, params={"sort": "exposed"})).json()["items"]
    assert [item["identity"] for item in items[:3]] == [one["identity"] for one in STORED["result"]["named"]]
    stored = {outcome["identity"]: outcome for outcome in STORED["outcomes"]}
    for item in items:
        details = stored[item["identity"]]["details"]
        name = item["verifier"]
        shown = (item["similarity"], item["threshold"], item["rank"])
        assert shown == (details["similarity"][name], details["threshold"][name], details["rank"][name])
        assert item["verified"] == (item["rank"] == 1 and item["similarity"] >= item["threshold"])
    four = next(item for item in items if item["identity"] == 4)
    assert four["verifier"] == "pixels-2"
    assert four["similarity"] != stored[4]["similarity"], "the lowest similarity was the other verifier's"


@pytest.mark.parametrize("stored", [STORED["result"], OF_ONE_ATTACK, RESULT])
def test_a_stored_result_of_any_version_follows_the_schema_of_today_once_it_is_read(stored: dict[str, Any]) -> None:
    schema = json.loads((Path(app.audits.__file__).parent / "result.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(Result.load(stored).document())) == []


def test_an_older_result_lists_its_one_attack() -> None:
    [attack] = Result.load(OF_ONE_ATTACK).attacks
    assert (attack.name, attack.setting, attack.label) == ("gmi", "baseline", "GMI, baseline, trained prior")
    assert attack.risk is not None
    assert attack.verified is not None
    assert attack.risk.bound_high == OF_ONE_ATTACK["risk"]["bound_high"]
    assert attack.added == round(attack.verified.value * attack.verified.n)
    assert attack.minutes == OF_ONE_ATTACK["cost"]["device_minutes"]
    settings = Result.load(OF_ONE_ATTACK).settings
    assert settings.attacks == [settings.attack]


def test_the_committed_schema_is_the_one_of_the_models() -> None:
    committed = json.loads((Path(app.audits.__file__).parent / "result.schema.json").read_text())
    assert committed == json_schema(), "run `python -m app.openapi` and commit app/audits/result.schema.json"


async def test_the_estimate_of_the_next_audit_knows_what_its_verifiers_miss(
    tenant: Tenant, audit: dict[str, Any]
) -> None:
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(audit["id"]))
        risk = STORED["result"]["risk"]
        correction = risk["correction"] | {"sensitivity": 0.8}
        row.result = STORED["result"] | {"risk": risk | {"correction": correction}}
    path = f"/api/v1/projects/{tenant.project_id}/audits/estimate"
    request = {name: value for name, value in audit["body"].items() if name != "rights"}
    said = " ".join((await tenant.client.post(path, json=request)).json()["concludes"])
    assert "at the 80 % of real images that these verifiers recognised in an earlier audit" in said
    other = " ".join((await tenant.client.post(path, json=request | {"verifiers": []})).json()["concludes"])
    assert "80 %" not in other


@pytest.mark.parametrize(
    ("ranks", "similarities", "decides"),
    [
        # both recognise: the smaller margin decides
        ({"a": 1, "b": 1}, {"a": 0.6, "b": 0.57}, "b"),
        ({"a": 1, "b": 2}, {"a": 0.46, "b": 0.9}, "b"),  # a recognises narrowly, b does not
        # neither recognises: the smaller margin decides
        ({"a": 2, "b": 2}, {"a": 0.3, "b": 0.5}, "a"),
    ],
)
def test_the_verifier_that_decides_agrees_with_the_verdict_on_the_identity(
    ranks: dict[str, int], similarities: dict[str, float], decides: str
) -> None:
    details = {"rank": ranks, "similarity": similarities, "threshold": {"a": 0.45, "b": 0.55}}
    found = deciding_verifier(details)
    assert found is not None
    assert found["verifier"] == decides
    recognised = all(ranks[v] == 1 and similarities[v] >= details["threshold"][v] for v in ranks)
    assert (found["rank"] == 1 and found["margin"] >= 0) == recognised
    assert upgraded(details) == details | {"deciding": found}
    stored = details | {"deciding": {"verifier": "as stored"}}
    assert upgraded(stored) == stored, "an outcome is not decided twice"
    assert (deciding_verifier({}), upgraded({})) == (None, {})
