"""Logs of every process and its libraries, as one JSON object per line on standard error."""

import logging
import os
import re
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

DETAIL = re.compile(r"DETAIL:.*?(?=^\[SQL|^The above exception|^During handling|\Z)", re.MULTILINE | re.DOTALL)
QUIET = ("httpx", "httpcore", "alembic", "kombu", "amqp", "asyncio", "uvicorn.access")
"""Libraries that log only warnings. uvicorn would log query strings, such as a purpose."""


def configure_logs(service: str, level: str = "info") -> None:
    """Send structlog and the standard library's loggers through one formatter.

    Call it once, before anything logs.
    """
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _process,
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _named(service),
            _without_colours,
            structlog.processors.format_exc_info,
            _without_values,
            # JSON alone leaves C1 and direction characters as they are, which a terminal obeys
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _process(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Add the process. structlog's own processor walks the stack of calls for it."""
    event["process"] = os.getpid()
    return event


def _without_values(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Cut what PostgreSQL says about the row that it rejected: it quotes names and texts."""
    for key, text in event.items():
        if isinstance(text, str) and "DETAIL:" in text:
            event[key] = DETAIL.sub("DETAIL: left out\n", text)
    return event


def _named(service: str) -> Processor:
    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add


def _without_colours(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop the second, coloured copy of a message that uvicorn adds."""
    event.pop("color_message", None)
    return event
