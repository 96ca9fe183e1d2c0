"""Every migration is undone and done again on a database that holds rows of all kinds."""

from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.revisions import migrations_folder
from app.db.session import sqlalchemy_url, sync_session
from app.vault.keys import find_key, pictures_of
from tests.api import seeds
from tests.api.conftest import Tenant, created
from tests.api.gated import RELAXED
from tests.api.migrating import migrate
from tests.api.scheduled import request_of
from tests.api.test_migrations import described

FLOOR = "0002"  # the oldest schema that has audits
STABLE = {
    "project": "SELECT name FROM project",
    "target": "SELECT name FROM target",
    "release": "SELECT version, state, classes FROM release",
    "dataset": "SELECT name, role, state, identities FROM dataset",
    "audit": "SELECT declared_by, state, verdict, risk FROM audit",
    "reconstruction": "SELECT identity, restart, digest, sealed_image FROM reconstruction",
    "score": "SELECT judge, rank, similarity FROM score",
    "job": "SELECT stage, shard, state FROM job",
    "job_event": "SELECT seq, kind FROM job_event",
    "log": "SELECT seq, action, actor, encode(hash, 'hex') FROM audit_log_entry",
}
"""What must be the same at the end."""


def revisions() -> list[str]:
    """Return all revisions, newest first."""
    return [one.revision for one in ScriptDirectory(str(migrations_folder())).walk_revisions()]


async def fill(tenant: Tenant) -> str:
    """Make rows through the API, and those of a worker directly. Return the audit's id."""
    client, path = tenant.client, f"/projects/{tenant.project_id}"
    schedule = await request_of(tenant)
    await created(client, f"{path}/schedules", schedule)
    releases = (await client.get(f"/api/v1{path}/releases")).json()["items"]
    body = schedule["audit"] | {"release_id": releases[0]["id"]}
    audit = await created(client, f"{path}/audits", body)
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1]), {"verdict": "FAIL"})
    await created(client, f"{path}/policies", {"name": "strict", "policy": RELAXED})
    await created(
        client, f"{path}/webhooks", {"name": "chat", "address": "https://hooks.example/x", "events": ["decision.made"]}
    )
    await created(client, f"{path}/keys", {"name": "reader", "scopes": ["audits:read"]})
    return str(audit["id"])


def key_of(audit: str) -> bytes:
    """Return the key of an audit's pictures."""
    with sync_session() as session:
        key = find_key(session, pictures_of(seeds.uuid_of(audit)))
    assert key is not None
    return key


def schema_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return the schema of a database, without the triggers that PostgreSQL names by numbers."""
    found = described(url)
    named = [row for row in found.pop("triggers") if not str(row[1]).startswith("RI_")]
    return found | {"triggers": named}


def contents(connection: Connection) -> dict[str, list[Any]]:
    """Return what must stay."""
    return {name: sorted(map(repr, connection.execute(text(one)).all())) for name, one in STABLE.items()}


async def test_rows_survive_every_migration_down_and_up(tenant: Tenant, settings_env: dict[str, str]) -> None:
    audit = await fill(tenant)
    key = key_of(audit)
    url = settings_env["DATABASE_URL"]
    schema = schema_of(url)
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        before = contents(connection)
        assert all(before.values()), before
        connection.rollback()
        for revision in revisions()[1:]:
            migrate(connection, command.downgrade, revision)
            if revision == FLOOR:
                break
        for revision in reversed(revisions()):
            if revision > FLOOR:
                migrate(connection, command.upgrade, revision)
        assert contents(connection) == before
    engine.dispose()
    assert schema_of(url) == schema
    assert key_of(audit) == key
