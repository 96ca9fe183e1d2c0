"""Sends deliveries that are due, and records every attempt.

A delivery is claimed for `CLAIMED` before it is sent, in a transaction of its own. A process that
dies in between leaves it to be sent again, with the same `webhook-id`.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import moves
from app.db.models import Webhook, WebhookDelivery, WebhookFormat
from app.db.session import sync_session
from app.db.states import DeliveryState
from app.kit.crypto import UnsealError
from app.notifications import messages, secrets
from app.notifications.schemas import recipients
from app.outbound import smtp
from app.outbound.refusal import NotPermittedError
from app.outbound.transport import PinnedClient, UnresolvedError

log = structlog.get_logger(__name__)

AT_ONCE = 16
SECONDS = 15.0
CLAIMED = timedelta(minutes=2)
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600))
"""Waits between attempts. After the last one, the delivery has failed."""
LONGEST_WAIT = timedelta(hours=1)
GONE = 410


@dataclass(frozen=True)
class Claimed:
    """A delivery that is about to be sent."""

    id: UUID
    form: WebhookFormat
    address: str
    secret: str | None
    message_id: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What came of an attempt. `wait` is what the receiver asked for."""

    status: int | None = None
    error: str | None = None
    wait: timedelta | None = None

    @property
    def delivered(self) -> bool:
        """True if the receiver accepted the event."""
        return self.error is None


def claim(session: Session, now: datetime) -> list[Claimed]:
    """Take deliveries that are due, so that no other process sends them now."""
    statement = (
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.state == DeliveryState.PENDING, WebhookDelivery.next_at <= now, Webhook.active)
        .order_by(WebhookDelivery.next_at)
        .limit(AT_ONCE)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    )
    found = []
    for row, webhook in session.execute(statement).all():
        row.attempts += 1
        row.next_at = now + CLAIMED
        try:
            address = secrets.opened(webhook.sealed_address, webhook.project_id, "address")
            sealed = webhook.sealed_secret
            secret = None if sealed is None else secrets.opened(sealed, webhook.project_id, "secret")
        except UnsealError as error:
            row.error = str(error)
            moves.end_delivery(row, DeliveryState.FAILED, now)
            continue
        form = WebhookFormat(webhook.format)
        found.append(Claimed(row.id, form, address, secret, row.message_id, row.payload))
    return found


async def send_all(client: PinnedClient, claimed: list[Claimed]) -> list[Answer]:
    """Send deliveries at the same time. One that cannot be sent does not hold up the others."""
    return await asyncio.gather(*(_safely(client, one) for one in claimed))


async def _safely(client: PinnedClient, one: Claimed) -> Answer:
    try:
        return await send(client, one)
    except Exception as error:
        log.exception("webhooks.send_failed", delivery=str(one.id))
        return Answer(error=f"The service failed to send this ({type(error).__name__}). Its log has the details.")


async def send(client: PinnedClient, one: Claimed) -> Answer:
    """Send a delivery once."""
    if one.form is WebhookFormat.EMAIL:
        return await _mail(one)
    try:
        async with asyncio.timeout(SECONDS):
            answer = await _post(client, one)
    except NotPermittedError as error:
        return Answer(error=f"{error}. Nothing was sent there. {error.advice('EXHUME_WEBHOOK_NETWORKS')}")
    except TimeoutError:
        return Answer(error=f"The receiver did not answer within {SECONDS:.0f} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, UnresolvedError) as error:
        return Answer(error=f"The receiver does not answer ({type(error).__name__}: {error}).")
    if answer.is_success:
        return Answer(status=answer.status_code)
    return Answer(answer.status_code, f"The receiver answered {answer.status_code}.", retry_after(answer))


async def _post(client: PinnedClient, one: Claimed) -> httpx.Response:
    """Return the answer to a request. Its body is not read, and redirects are not followed."""
    request = messages.request_of(one.form, one.message_id, int(time.time()), one.payload, one.secret)
    answer = await client.send("POST", one.address, request.headers, content=request.body, plain=False)
    await answer.aclose()
    return answer


async def _mail(one: Claimed) -> Answer:
    try:
        message = messages.mail(one.payload, one.message_id, recipients(one.address))
        await asyncio.to_thread(smtp.send, message)
    except smtp.MailError as error:
        return Answer(error=str(error))
    return Answer()


def retry_after(answer: httpx.Response) -> timedelta | None:
    """Return the wait that an answer asks for, up to an hour."""
    asked = answer.headers.get("retry-after", "")
    return min(timedelta(seconds=int(asked)), LONGEST_WAIT) if asked.isdecimal() and len(asked) < 7 else None


def record(session: Session, delivery_id: UUID, answer: Answer, now: datetime) -> None:
    """Record an attempt: delivered, to be repeated, or failed."""
    row = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if row is None or row.state != DeliveryState.PENDING:
        return
    webhook = session.get_one(Webhook, row.webhook_id, with_for_update=True)
    row.status_code, row.error = answer.status, answer.error
    if answer.delivered:
        moves.end_delivery(row, DeliveryState.DELIVERED, now)
        webhook.failures = 0
    elif answer.status == GONE or row.attempts > len(BACK_OFF):
        moves.end_delivery(row, DeliveryState.FAILED, now)
        webhook.failures += 1
        webhook.active = webhook.active and answer.status != GONE  # the receiver wants no more
    else:
        row.next_at = now + max(BACK_OFF[row.attempts - 1], answer.wait or timedelta(0))
    log.info("webhooks.attempt", delivery=str(delivery_id), state=row.state, status=answer.status, error=answer.error)


async def round_of(client: PinnedClient) -> int:
    """Send what is due. Returns the number of attempts."""
    with sync_session() as session:
        claimed = claim(session, datetime.now(UTC))
    for one, answer in zip(claimed, await send_all(client, claimed), strict=True):
        with sync_session() as session:
            record(session, one.id, answer, datetime.now(UTC))
    return len(claimed)
