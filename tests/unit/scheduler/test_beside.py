"""Work beside the scheduler's rounds."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from app.scheduler import beside as module
from app.scheduler.beside import beside


def test_rounds_that_fail_run_again_and_end_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(reaper_seconds=0.01))
    begun, again, ended = [], threading.Event(), threading.Event()

    async def rounds(stop: threading.Event) -> None:
        begun.append(threading.current_thread().name)
        if len(begun) == 1:
            raise RuntimeError("a receiver that nobody foresaw")
        again.set()
        await asyncio.to_thread(stop.wait)
        ended.set()

    with beside("letters", rounds):
        assert again.wait(10)
        assert not ended.is_set()
    assert ended.is_set()
    assert begun == ["letters", "letters"]
    assert "letters" not in {thread.name for thread in threading.enumerate()}
