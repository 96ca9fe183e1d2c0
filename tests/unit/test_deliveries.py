"""The scheduler sends events while a mail server is slow."""

import asyncio
import threading
from contextlib import nullcontext

import pytest

from app.scheduler import deliveries

LONG = 20.0


def test_a_slow_mail_server_holds_up_no_event(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answers, sent = threading.Event(), threading.Event(), threading.Event()

    async def slow() -> int:
        asked.set()
        await asyncio.to_thread(answers.wait, LONG)
        return 0

    async def events(_client: object) -> int:
        if asked.wait(LONG):  # the mail server is being waited for
            sent.set()
        return 0

    monkeypatch.setattr(deliveries.invitations, "round_of", slow)
    monkeypatch.setattr(deliveries, "round_of", events)
    monkeypatch.setattr(deliveries, "sync_session", nullcontext)
    monkeypatch.setattr(deliveries, "dispatch", lambda *_: 0)
    with deliveries.deliveries(), deliveries.invitation_mail():
        assert sent.wait(LONG)
        answers.set()
