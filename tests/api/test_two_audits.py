"""Two audits compared over the identities of both."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.db.models import Audit, Dataset, IdentityOutcome, Release
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.test_results import audit  # noqa: F401 - a fixture
from tests.results import RESULT


async def another(tenant: Tenant, audit: dict[str, Any]) -> dict[str, Any]:  # noqa: F811 - the fixture
    """Return a second audit of the same release and data sets, with another seed."""
    body = {
        "release_id": audit["release"]["id"],
        "public_dataset_id": audit["public_dataset"]["id"],
        "private_dataset_id": audit["private_dataset"]["id"],
        "seed": 7,
        "rights": seeds.RIGHTS,
    }
    return await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)


def finished(audit: dict[str, Any], recognised: dict[int, bool], **change: Any) -> None:  # noqa: F811
    """End an audit with these outcomes."""
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], sorted(recognised)), RESULT | change)
    with sync_session() as session:
        audit_id = seeds.uuid_of(audit["id"])
        for row in session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)):
            row.verified = recognised[row.identity]
            row.details = row.details | {"controls": {"prior": 0.0}}


async def test_the_change_of_r_is_paired_over_the_identities_of_both(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
) -> None:
    other = await another(tenant, audit)
    path = f"/api/v1/audits/{audit['id']}/comparison/{other['id']}"
    problem(await tenant.client.get(path), 409, "no_result")
    finished(audit, {0: True, 1: False, 2: False, 3: True})
    finished(other, {0: True, 1: True, 2: False})
    found = (await tenant.client.get(path)).json()
    difference = found["difference"]
    assert (found["not_comparable"], found["shared"]) == ([], 3)
    assert (difference["n"], difference["format"]) == (3, "difference")
    assert abs(difference["value"] - 1 / 3) < 1e-9
    assert difference["low"] < 0 < difference["high"], "one of three is no proof"
    assert found["sentence"].startswith("No difference is shown: R +33.3 points")
    assert found["newly_exposed"] == [{"name": seeds.CLASSES[1], "first": 1, "second": 1}]
    assert (found["no_longer_exposed"], found["both_exposed"], found["neither_exposed"]) == ([], 1, 1)
    assert {"what": "Seed", "first": "0", "second": "7"} in found["changes"]
    assert found["notes"] == []
    with sync_session() as session:
        own = session.get_one(Dataset, seeds.uuid_of(audit["private_dataset"]["id"]))
        copied = {column.name: getattr(own, column.name) for column in Dataset.__table__.columns}
        copied |= {"id": uuid4(), "name": "larger", "identities": [*(own.identities or []), "one more"]}
        session.add(Dataset(**copied))
        session.flush()
        session.get_one(Audit, seeds.uuid_of(other["id"])).private_dataset_id = copied["id"]
    back = (await tenant.client.get(f"/api/v1/audits/{other['id']}/comparison/{audit['id']}")).json()
    assert "Rank 1 is harder to reach in a larger set" in back["notes"][0]
    assert abs(back["difference"]["value"] + 1 / 3) < 1e-9
    assert [one["name"] for one in back["no_longer_exposed"]] == [seeds.CLASSES[1]]


async def test_what_cannot_be_compared_is_said_without_a_number(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
) -> None:
    other = await another(tenant, audit)
    finished(audit, {0: True, 1: False})
    (first, *rest) = RESULT["verifiers"]
    finished(other, {0: True, 1: True}, verifiers=[first | {"digest": "sha256:" + "9" * 64}, *rest])
    path = f"/api/v1/audits/{audit['id']}/comparison/{other['id']}"
    found = (await tenant.client.get(path)).json()
    assert found["difference"] is None
    assert found["not_comparable"] == ["They were judged by different verifiers, whose thresholds and errors differ."]
    assert found["sentence"] == f"These audits cannot be compared. {found['not_comparable'][0]}"
    assert [one["what"] for one in found["changes"]] == ["Seed", "Verifiers"]
    with sync_session() as session:
        row = session.get_one(Audit, seeds.uuid_of(other["id"]))
        row.result = RESULT | {"evidence_level": "evaluator"}
    assert "two verifiers" in (await tenant.client.get(path)).json()["not_comparable"][0]


async def test_a_release_that_does_not_know_its_images_is_not_compared(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
) -> None:
    other = await another(tenant, audit)
    finished(audit, {0: True, 1: False}, fit=None, reason_codes=["at_chance"], reasons=["It guesses."])
    finished(other, {0: True, 1: True})
    found = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/comparison/{other['id']}")).json()
    assert found["difference"] is None
    assert "know its training images" in found["not_comparable"][0]


async def test_identities_are_matched_by_name(
    tenant: Tenant,
    audit: dict[str, Any],  # noqa: F811 - the fixture
) -> None:
    """Use a release whose classes are in another order."""
    other = await another(tenant, audit)
    finished(audit, {0: True, 1: False})
    finished(other, {0: True, 1: False})
    with sync_session() as session:
        names = dict(enumerate(reversed(seeds.CLASSES[:2])))
        audit_id = seeds.uuid_of(other["id"])
        for row in session.scalars(select(IdentityOutcome).where(IdentityOutcome.audit_id == audit_id)):
            row.name = names[row.identity]
        assert session.get_one(Release, seeds.uuid_of(audit["release"]["id"])).classes == seeds.CLASSES
    found = (await tenant.client.get(f"/api/v1/audits/{audit['id']}/comparison/{other['id']}")).json()
    assert found["difference"]["value"] == 0
    assert found["newly_exposed"] == [{"name": seeds.CLASSES[1], "first": 1, "second": 0}]
    assert found["no_longer_exposed"] == [{"name": seeds.CLASSES[0], "first": 0, "second": 1}]
