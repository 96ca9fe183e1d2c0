"""Logs are one JSON object per line, for our events and those of libraries."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from app.observability.logs import configure_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Restore the logging of other tests."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_our_events_carry_service_level_time_and_context(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("worker", "info")
    structlog.contextvars.bind_contextvars(job_id="job_1")
    structlog.get_logger("worker.tasks").info("job.claimed", attempt=2)
    (line,) = lines(capsys)
    assert line.pop("timestamp")
    assert line.pop("process")
    assert line == {
        "event": "job.claimed",
        "attempt": 2,
        "job_id": "job_1",
        "level": "info",
        "logger": "worker.tasks",
        "service": "worker",
    }


def test_libraries_log_in_the_same_form_with_their_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", "warning")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("library").exception("could not %s", "read")
    logging.getLogger("library").info("not shown at this level")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["service"]) == ("could not read", "error", "api")
    assert "ValueError: broken" in str(line["exception"])


def test_chatty_libraries_are_kept_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", "info")
    logging.getLogger("httpx").info("GET ...")
    logging.getLogger("uvicorn.access").info('%s - "%s"', "127.0.0.1", "GET /x?purpose=Ada")
    assert lines(capsys) == []


def test_uvicorn_adds_no_coloured_copy(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", "info")
    logging.getLogger("as uvicorn").info("ready", extra={"color_message": "\x1b[36mready", "port": 1})
    (line,) = lines(capsys)
    assert (line["event"], line["port"]) == ("ready", 1)
    assert "color_message" not in line


def test_a_terminal_obeys_nothing_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", "info")
    structlog.get_logger("exhume.api").info("request", path="/\x1b[2J\x9b31m\u202edoor")
    printed = capsys.readouterr().err
    assert printed.isascii()
    assert not set(printed) & set(map(chr, (*range(0x20), 0x7F))) - {"\n"}
    assert json.loads(printed)["path"] == "/\x1b[2J\x9b31m\u202edoor"


def test_the_values_of_a_row_that_postgresql_rejected_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", "info")
    detail = 'duplicate key "uq_project_name"\nDETAIL:  Key (name)=(Dana\n\nKim) already exists.'
    failure = IntegrityError("INSERT INTO project", {}, UniqueViolation(detail), hide_parameters=True)
    structlog.get_logger("exhume.api").error("request.failed", exc_info=failure)
    (line,) = lines(capsys)
    assert "uq_project_name" in str(line["exception"])
    assert "INSERT INTO project" in str(line["exception"])
    assert "Kim" not in str(line["exception"])
