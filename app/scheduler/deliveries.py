"""Sends events and invitations beside the scheduler's rounds, each in its own thread."""

import asyncio
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from app.db.session import sync_session
from app.notifications import invitations
from app.notifications.delivering import round_of
from app.notifications.dispatch import BATCH, dispatch
from app.outbound.transport import PinnedClient
from app.scheduler.beside import beside
from app.settings import settings


def deliveries() -> AbstractContextManager[None]:
    """Send events for the length of a block."""
    return beside("deliveries", _rounds)


def invitation_mail() -> AbstractContextManager[None]:
    """Send invitations for the length of a block. A slow mail server holds up no event."""
    return beside("invitations", _mail_rounds)


async def _rounds(stop: threading.Event) -> None:
    async with PinnedClient(settings().webhook_networks) as client:
        while not stop.is_set():
            with sync_session() as session:
                events = dispatch(session, datetime.now(UTC))
            sent = await round_of(client)
            if events < BATCH and not sent:
                await asyncio.to_thread(stop.wait, settings().reaper_seconds)


async def _mail_rounds(stop: threading.Event) -> None:
    while not stop.is_set():
        if not await invitations.round_of():
            await asyncio.to_thread(stop.wait, settings().reaper_seconds)
