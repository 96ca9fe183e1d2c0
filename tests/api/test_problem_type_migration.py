"""Migration 0009: the types of stored problems become addresses of this service."""

import json
from uuid import uuid4

from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.session import sqlalchemy_url
from tests.api.migrating import migrate
from tests.embedded_servers import TestServers

EARLIER = {"type": "https://exhume.dev/problems/worker_lost", "code": "worker_lost", "detail": "It is gone."}
PRESENT = EARLIER | {"type": "/problems/worker_lost"}


def add_job(connection: Connection, problem: dict[str, str] | None) -> str:
    project, job = str(uuid4()), str(uuid4())
    connection.execute(text("INSERT INTO project (id, name) VALUES (:id, :name)"), {"id": project, "name": project})
    statement = (
        "INSERT INTO job (id, project_id, subject_id, stage, state, max_attempts, problem) "
        "VALUES (:id, :project, :subject, 'intake_dataset', 'failed', 3, CAST(:problem AS jsonb))"
    )
    row = {"id": job, "project": project, "subject": job, "problem": problem and json.dumps(problem)}
    connection.execute(text(statement), row)
    return job


def test_recorded_problems_point_here_and_back(servers: TestServers) -> None:
    with servers.databases.empty() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            migrate(connection, command.upgrade, "0008")
            jobs = [add_job(connection, EARLIER), add_job(connection, None)]
            connection.commit()
            found = []
            for step, revision in ((command.upgrade, "0009"), (command.downgrade, "0008")):
                migrate(connection, step, revision)
                rows = connection.execute(text("SELECT id, problem FROM job")).all()
                connection.commit()
                problems = {str(row.id): row.problem for row in rows}
                found.append([problems[job] for job in jobs])
        engine.dispose()
    assert found == [[PRESENT, None], [EARLIER, None]]
