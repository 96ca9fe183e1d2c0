"""Migration 0022: projects get an organisation, keys and sessions follow them, and back."""

from uuid import uuid4

from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.session import sqlalchemy_url
from tests.api.migrating import migrate
from tests.embedded_servers import TestServers

SESSION = (
    "INSERT INTO browser_session (token_hash, subject, project_id, api_key_id, scopes, expires_at) "
    "VALUES (:hash, :subject, :project, :key, '{}', now())"
)


def add_rows(connection: Connection) -> None:
    project, key = str(uuid4()), str(uuid4())
    connection.execute(text("INSERT INTO project (id, name) VALUES (:id, 'p')"), {"id": project})
    connection.execute(
        text(
            "INSERT INTO api_key (id, project_id, name, key_hash, last4, scopes) VALUES (:id, :of, 'k', '1', '1', '{}')"
        ),
        {"id": key, "of": project},
    )
    connection.execute(text(SESSION), {"hash": b"1", "subject": "key:k", "project": project, "key": key})
    connection.execute(text(SESSION), {"hash": b"2", "subject": "administrator", "project": None, "key": None})


def add_people(connection: Connection) -> None:
    """Add what an older version does not know: another project "p" and a personal key."""
    one, other, person = (str(uuid4()) for _ in range(3))
    connection.execute(text("INSERT INTO organisation (id, name) VALUES (:id, 'other')"), {"id": other})
    connection.execute(
        text("INSERT INTO project (id, organisation_id, name) VALUES (:id, :of, 'p')"), {"id": one, "of": other}
    )
    connection.execute(text("INSERT INTO person (id, email, name) VALUES (:id, 'a@b.example', 'A')"), {"id": person})
    connection.execute(
        text(
            "INSERT INTO api_key (organisation_id, person_id, name, key_hash, last4, scopes) "
            "VALUES (:of, :person, 'mine', '3', '3', '{}')"
        ),
        {"of": other, "person": person},
    )


def test_projects_keys_and_sessions_belong_to_the_default_organisation_and_back(servers: TestServers) -> None:
    with servers.databases.empty() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            migrate(connection, command.upgrade, "0021")
            add_rows(connection)
            connection.commit()
            migrate(connection, command.upgrade, "0022")
            owner = "(SELECT id FROM organisation WHERE name = 'default')"
            for table, expected in (("project", 1), ("api_key", 1), ("browser_session", 1)):
                found = connection.execute(text(f"SELECT count(*) FROM {table} WHERE organisation_id = {owner}"))
                assert found.scalar_one() == expected, table
            subjects = "SELECT subject, method FROM browser_session ORDER BY token_hash"
            assert connection.execute(text(subjects)).all() == [("key:k", "key"), ("operator", "link")]
            add_people(connection)
            connection.commit()
            migrate(connection, command.downgrade, "0021")
            names = connection.execute(text("SELECT name FROM project ORDER BY length(name)")).scalars().all()
            assert names[0] == "p"
            assert len(set(names)) == 2
            assert connection.execute(text("SELECT name FROM api_key")).scalars().all() == ["k"]
        engine.dispose()
