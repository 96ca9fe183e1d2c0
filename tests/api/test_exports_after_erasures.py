"""An export lists the entries about its identity and none of others, whatever was erased."""

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.auth import audit_log
from app.datasets.repository import keep_places
from app.db.models import Audit, Dataset
from app.db.session import async_session, sync_session
from tests.api import seeds
from tests.api.test_identities import ADA, BOB, PEOPLE, PURPOSE, WHY, World, world  # noqa: F401

CORDELIA = PEOPLE[2]


@pytest.fixture(autouse=True)
def frozen(world: World) -> None:  # noqa: F811
    """Let the private images be shown, as after the freeze."""
    with sync_session() as session:
        audit = session.get_one(Audit, seeds.uuid_of(world.audit))
        audit.frozen_at = audit.created_at


async def revealed(world: World, place: int) -> str:  # noqa: F811
    """Reveal a private image, and return the subject of the entry."""
    answer = await world.get(f"/audits/{world.audit}/references/{place}/image", **PURPOSE)
    assert answer.status_code == 200, answer.text
    return f"{world.private}/{place}"


async def refused(world: World, place: int) -> str:  # noqa: F811
    """Ask for a private image without a purpose, and return the subject of the entry."""
    answer = await world.get(f"/audits/{world.audit}/references/{place}/image", original=True)
    assert answer.status_code == 422
    return f"{world.audit}/references/{place}"


async def exported(world: World, name: str) -> Any:  # noqa: F811
    answer = await world.ask("export", name, purpose=f"request of {name[:1]}")
    assert answer.status_code == 200, answer.text
    return json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("identity.json"))


def subjects(document: Any) -> list[str]:
    return [one["subject"] for one in document["log"] if one["action"] != "identity.exported"]


async def test_entries_from_before_an_erasure_are_those_of_the_same_person(world: World) -> None:  # noqa: F811
    bob = [await revealed(world, 2), await refused(world, 3)]
    cordelia = [await revealed(world, 4)]
    assert (await world.ask("erase", ADA, **WHY)).status_code == 200
    cordelia.append(await revealed(world, 2))
    bob.append(await revealed(world, 1))
    assert subjects(await exported(world, BOB)) == bob
    assert subjects(await exported(world, CORDELIA)) == cordelia
    assert (await world.ask("erase", BOB, **WHY)).status_code == 200
    cordelia.append(await revealed(world, 0))
    document = await exported(world, CORDELIA)
    assert (subjects(document), document["images_logged_since"]) == (cordelia, None)


async def test_an_export_lists_earlier_exports_of_the_same_identity(world: World) -> None:  # noqa: F811
    assert [one["action"] for one in (await exported(world, CORDELIA))["log"]] == []
    await exported(world, BOB)
    assert (await world.ask("erase", ADA, **WHY)).status_code == 200
    for count in (1, 2):
        log = (await exported(world, CORDELIA))["log"]
        assert [(one["action"], one["purpose"]) for one in log] == [("identity.exported", "request of C")] * count


async def test_nothing_from_before_an_erasure_that_did_not_record_its_places(world: World) -> None:  # noqa: F811
    await revealed(world, 4)
    with sync_session() as session:
        details = {"datasets": [world.private]}
        by, project = audit_log.Requester("operator"), seeds.uuid_of(world.tenant.project_id)
        audit_log.write_now(session, by, "identity.erased", "erased-1", project_id=project, details=details)
    later = await revealed(world, 5)
    document = await exported(world, CORDELIA)
    assert subjects(document) == [later]
    entries = (await world.get(f"/projects/{world.tenant.project_id}/audit-log")).json()["items"]
    [erasure] = [one for one in entries if one["action"] == "identity.erased"]
    assert document["images_logged_since"][:19] == erasure["at"][:19]


async def test_an_erasure_waits_until_an_image_that_was_read_is_logged(world: World) -> None:  # noqa: F811
    own = seeds.uuid_of(world.private)
    async with async_session() as reading:
        await keep_places(reading, await reading.get_one(Dataset, own))
        with sync_session() as erasing, pytest.raises(OperationalError, match="could not obtain lock"):
            erasing.execute(select(Dataset).where(Dataset.id == own).with_for_update(nowait=True))
