"""While a version is rolled out, its processes and those of the one before share a database."""

from typing import Any

import httpx
import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner

from app.cli.health import services
from app.cli.health.finding import Level
from app.cli.root import app as root
from app.db import revisions, waiting
from app.db.migrate import NewerSchemaError, upgrade
from app.db.revisions import Schema
from app.db.session import sqlalchemy_url, sync_session
from tests.api.conftest import problem
from tests.api.migrating import migrate
from tests.embedded_servers import TestServers

NEWER = "9999"
COLUMNS = """
    SELECT table_name, column_name, data_type, character_maximum_length,
        is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES'
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
Column = tuple[str, int | None, bool]
Columns = dict[tuple[str, str], Column]


def broken(before: Columns, after: Columns) -> list[str]:
    """Return what code for the schema `before` cannot do in the schema `after`."""
    tables = {table for table, _ in before}
    found = [f"{table}.{column} is gone" for table, column in before.keys() - after.keys()]
    for (table, column), (kind, length, optional) in after.items():
        old = before.get((table, column))
        if old is None:
            if table in tables and not optional:
                found.append(f"{table}.{column} is new and required")
            continue
        if old[0] != kind or (length is not None and (old[1] is None or length < old[1])):
            found.append(f"{table}.{column} holds less or something else")
        if old[2] and not optional:
            found.append(f"{table}.{column} is now required")
    return sorted(found)


def columns(connection: Connection) -> Columns:
    rows = connection.execute(text(COLUMNS)).all()
    connection.rollback()
    return {(table, column): (kind, length, optional) for table, column, kind, length, optional in rows}


TEXT: Column = ("character varying", 100, False)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({}, ["a.x is gone"]),
        ({("a", "x"): TEXT, ("a", "y"): TEXT}, ["a.y is new and required"]),
        ({("a", "x"): ("integer", None, False)}, ["a.x holds less or something else"]),
        ({("a", "x"): ("character varying", 50, False)}, ["a.x holds less or something else"]),
        ({("a", "x"): TEXT, ("a", "y"): ("integer", None, True), ("b", "z"): TEXT}, []),
        ({("a", "x"): ("character varying", 200, True)}, []),
    ],
)
def test_what_breaks_older_code_is_found(after: Columns, said: list[str]) -> None:
    assert broken({("a", "x"): TEXT}, after) == said
    assert broken({("a", "x"): ("integer", None, True)}, {("a", "x"): ("integer", None, False)})


def test_a_migration_that_breaks_older_code_says_so(servers: TestServers) -> None:
    """Run every migration and compare the schemas before and after it."""
    steps = sorted(revisions._migrations(), key=lambda one: str(one["revision"]))
    with servers.databases.empty() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            unsaid, before = {}, {}
            for one in steps:
                migrate(connection, command.upgrade, str(one["revision"]))
                after = columns(connection)
                if (found := broken(before, after)) and not revisions.breaks(one):
                    unsaid[one["revision"]] = found
                before = after
        engine.dispose()
    assert unsaid == {}


@pytest.fixture
def newer(settings_env: dict[str, str]) -> Any:
    """Change the schema as a newer version does, which works from the given revision."""

    def change(works_from: str) -> None:
        with sync_session() as session:
            session.execute(text("ALTER TABLE job ADD COLUMN IF NOT EXISTS later text"))
            session.execute(text(f"UPDATE alembic_version SET version_num = '{NEWER}'"))
            session.execute(text(f"COMMENT ON TABLE alembic_version IS '{works_from}'"))

    return change


async def test_an_api_serves_a_newer_schema_that_suits_it(anonymous: httpx.AsyncClient, newer: Any) -> None:
    newer(revisions.newest())
    assert (await anonymous.get("/readyz")).status_code == 200
    newer(NEWER)
    assert "upgrade it" in str(problem(await anonymous.get("/readyz"), 503, "not_ready")["errors"])


@pytest.mark.parametrize(("works_from", "usable"), [("0001", True), (NEWER, False)])
def test_doctor_and_migrate_judge_a_newer_schema_as_the_api_does(
    works_from: str, usable: bool, newer: Any, settings_env: dict[str, str]
) -> None:
    newer(works_from)
    found = {one.subject: one for one in services.database(settings_env["DATABASE_URL"])}
    assert (found["migrations"].level == Level.OK) == usable
    assert ("keys" in found) == usable, "the rest of a schema that can be used is examined"
    checked = CliRunner().invoke(root, ["migrate", "--check"])
    assert checked.exit_code == (0 if usable else 1)
    assert ("Upgrade it." in checked.output) != usable


def test_an_older_version_does_not_migrate(newer: Any, settings_env: dict[str, str]) -> None:
    newer(revisions.newest())
    with pytest.raises(NewerSchemaError, match="install that version"):
        upgrade(settings_env["DATABASE_URL"])


def test_a_worker_waits_for_the_schema_that_it_needs(
    settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, pauses = revisions.newest(), []
    set_revision("0018")

    def migrate_meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            set_revision(newest)

    monkeypatch.setattr(waiting.time, "sleep", migrate_meanwhile)
    waiting.wait_for_schema()
    assert len(pauses) == 2


def set_revision(revision: str) -> None:
    with sync_session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


@pytest.mark.parametrize(
    ("schema", "usable"),
    [
        (Schema(), False),
        (Schema("0001"), False),
        (Schema(NEWER), False),
        (Schema(NEWER, "0001"), True),
        (Schema(NEWER, NEWER), False),
    ],
)
def test_which_schemas_suit_this_version(schema: Schema, usable: bool) -> None:
    assert (schema.problem is None) == usable
    assert Schema(revisions.newest()).problem is None


def test_the_migrated_database_says_from_which_version_on_it_works(settings_env: dict[str, str]) -> None:
    with sync_session() as session:
        assert revisions.schema_of(session).works_from == revisions.works_from()
    assert revisions.works_from() <= revisions.newest()
