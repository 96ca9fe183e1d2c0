"""Everything about one identity is exported with its pictures, and the export is logged."""

import io
import json
import zipfile
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image
from psycopg.errors import DeadlockDetected
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from app.contract.identity import OF_OTHERS, HeldIdentity
from app.contract.likeness import Likeness
from app.db.session import async_engine, configured_url
from app.identities import exporting
from app.identities.places import MOST, place
from tests.api import seeds
from tests.api.conftest import problem, with_key
from tests.api.test_identities import ADA, World, pictures, world  # noqa: F401
from tests.api.test_refused_reveals import WHY
from worker.evidence.reconstructions import NEAREST_PUBLIC, TWIN


async def test_two_exports_are_made_at_once(world: World) -> None:  # noqa: F811
    async with AsyncExitStack() as held:
        for _ in range(MOST):
            await held.enter_async_context(asynccontextmanager(place)())
        answer = await world.ask("export", purpose="request 7")
        problem(answer, 429, "too_many_exports")
        assert answer.headers["retry-after"] == "15"
    problem(await world.ask("export", purpose="x"), 422, "invalid_request")
    for _ in range(MOST + 1):
        assert (await world.ask("export", "nobody", purpose="request 7")).status_code == 404
        assert (await world.ask("export", purpose="request 7")).status_code == 200


@pytest.mark.parametrize(
    ("cause", "code"),
    [(Exception("the server closed the connection"), "database_unavailable"), (DeadlockDetected(), "database_busy")],
)
async def test_an_export_whose_transaction_fails_gives_its_place_back(
    world: World,  # noqa: F811
    cause: Exception,
    code: str,
) -> None:
    def lost(connection: Connection) -> None:
        if connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar_one() is not None:
            raise OperationalError("COMMIT", {}, cause)

    engine = async_engine(configured_url()).sync_engine
    event.listen(engine, "commit", lost)
    try:
        for _ in range(MOST):
            problem(await world.ask("export", purpose="request 7"), 503, code)
    finally:
        event.remove(engine, "commit", lost)
    assert (await world.ask("export", purpose="request 7")).status_code == 200


async def test_an_export_holds_every_picture_and_score_and_is_logged(world: World, transport: Any) -> None:  # noqa: F811
    await pictures(world, 0)
    answer = await world.ask("export", purpose="request 7")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    held = HeldIdentity.model_validate(json.loads(archive.read("identity.json")))
    assert [(one.name, one.dataset) for one in held.names] == [(ADA, world.private)]
    own = [np.asarray(Image.open(archive.open(one.file))) for one in held.images]
    assert np.array_equal(own, world.images[:2])
    [audit] = held.audits
    assert (audit.audit, audit.verdict, audit.outcome and audit.outcome["name"]) == (world.audit, "FAIL", ADA)
    assert [score.similarity for one in audit.reconstructions for score in one.scores] == [0.8, 0.6]
    first, second = [score.likeness for one in audit.reconstructions for score in one.scores]
    assert first == Likeness.model_validate(seeds.LIKENESS)
    assert second == Likeness(), "the row of an older version"
    files = [one.file for one in audit.reconstructions]
    assert [Image.open(archive.open(str(file))).size for file in files] == [(32, 32)] * 2
    films = [(one.restart, one.film_steps, one.film) for one in audit.reconstructions if one.film]
    assert [(restart, steps) for restart, steps, _ in films] == [(0, [0, 50])]
    assert archive.read(str(films[0][2])).startswith(b"\x89PNG")
    assert len(archive.namelist()) == 1 + len(held.images) + len(files) + 1
    assert [(one.action, one.purpose) for one in held.log] == [("image.revealed", "look at it")] * 2
    async with with_key(transport, await world.tenant.key("audits:read", "data:delete")) as other:
        body = world.names() | {"purpose": "curious"}
        problem(await other.post(f"{world.path}/export", json=body), 403, "missing_scope")
    entries = (await world.get(f"/projects/{world.tenant.project_id}/audit-log")).json()["items"]
    assert [one["action"] for one in entries[:3:2]] == ["identity.export_refused", "identity.exported"]
    assert (entries[0]["details"]["purpose"], entries[2]["details"]["purpose"]) == ("curious", "request 7")


async def test_an_export_has_no_picture_of_a_control_that_shows_somebody_else(world: World) -> None:  # noqa: F811
    await pictures(world, 0)
    for source in OF_OTHERS:
        seeds.add_reconstructions(world.audit, [0], 1, source)
    archive = zipfile.ZipFile(io.BytesIO((await world.ask("export", purpose="request 7")).content))
    held = HeldIdentity.model_validate(json.loads(archive.read("identity.json")))
    shown = {one.source: one.file for audit in held.audits for one in audit.reconstructions}
    assert [shown.pop(source) for source in OF_OTHERS] == [None, None]
    assert all(file in archive.namelist() for file in shown.values())
    assert len([name for name in archive.namelist() if name.startswith("reconstructions/")]) == 3, "and a film"
    assert OF_OTHERS == (NEAREST_PUBLIC, TWIN), "as the stages store them"


async def test_an_export_lists_sheets_that_showed_the_identity(world: World) -> None:  # noqa: F811
    assert (await world.get(f"/datasets/{world.private}/samples/image", **WHY)).status_code == 200
    archive = zipfile.ZipFile(io.BytesIO((await world.ask("export", purpose="request 7")).content))
    log = json.loads(archive.read("identity.json"))["log"]
    assert [(one["action"], one["subject"]) for one in log] == [("image.revealed", f"{world.private}/samples")]


async def test_pictures_are_loaded_once_and_a_few_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    read: list[int] = []

    def counted(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "sealed_image" in statement.partition("FROM")[0]:
            read.append(cursor.rowcount)

    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    engine = async_engine(configured_url()).sync_engine
    event.listen(engine, "after_cursor_execute", counted)
    try:
        assert (await world.ask("export", purpose="request 7")).status_code == 200
    finally:
        event.remove(engine, "after_cursor_execute", counted)
    assert read == [-1], "one statement, whose rows are fetched later"
