"""Work beside the scheduler's rounds, in a thread that slow servers may hold up."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from app.db.contention import failure
from app.settings import settings

log = structlog.get_logger(__name__)
LAST_SECONDS = 20.0
Rounds = Callable[[threading.Event], Coroutine[Any, Any, None]]


@contextmanager
def beside(name: str, rounds: Rounds) -> Iterator[None]:
    """Run `rounds` in a thread for the length of the block, and again when it fails.

    Args:
        rounds: runs until the event that it is given is set.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(name, rounds, stop), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LAST_SECONDS)


def _work(name: str, rounds: Rounds, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            asyncio.run(rounds(stop))
        except DBAPIError as error:
            log.warning(f"{name}.{failure(error)}", error=repr(error))
        except Exception:
            log.exception(f"{name}.failed")
        stop.wait(settings().reaper_seconds)
