"""Tells streams that the server stops, because uvicorn first waits for open connections."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from fastapi import FastAPI

Handler = Any  # argument and return value of signal.signal


@contextmanager
def signalled(stopping: asyncio.Event) -> Iterator[None]:
    """Set `stopping` on SIGTERM and SIGINT before earlier handlers run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    previous: dict[int, Handler] = {}

    def handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        earlier = previous[number]
        if callable(earlier):
            earlier(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT):
        earlier = signal.getsignal(number)
        if callable(earlier) and earlier is not signal.default_int_handler:
            previous[number] = earlier
            signal.signal(number, handler)
    try:
        yield
    finally:
        for caught, earlier in previous.items():
            signal.signal(caught, earlier)


def stopping(app: FastAPI) -> asyncio.Event:
    """Return the event that is set when this process is asked to stop."""
    event = app.state.stopping
    assert isinstance(event, asyncio.Event)
    return event
