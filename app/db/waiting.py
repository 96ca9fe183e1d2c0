"""Waiting for a schema that this version can use.

A worker or scheduler of a new version that starts before the migration would fail every job.
"""

import time

import structlog
from sqlalchemy.exc import DBAPIError

from app.db.revisions import schema_of
from app.db.session import sync_session

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 2.0


def wait_for_schema() -> None:
    """Return when this version can use the database."""
    said = None
    while (problem := _problem()) is not None:
        if problem != said:
            log.warning("schema.waiting", problem=problem)
            said = problem
        time.sleep(PAUSE_SECONDS)


def _problem() -> str | None:
    try:
        with sync_session() as session:
            return schema_of(session).problem
    except DBAPIError as error:
        return f"the database does not answer ({type(error).__name__})"
