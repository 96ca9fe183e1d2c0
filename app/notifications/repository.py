"""Queries over webhooks and their deliveries."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject, within
from app.db.models import Webhook, WebhookDelivery
from app.errors import NotFoundError
from app.kit.cursor import Keyset
from app.kit.listing import Listing, equals, text_of

LISTING = Listing(
    Webhook.id,
    sorts={"created_at": Webhook.created_at, "name": Webhook.name},
    search=text_of(Webhook.name, Webhook.shown, Webhook.created_by),
    prefix="whk",
    filters={"format": equals(Webhook.format), "active": equals(Webhook.active)},
)
NEWEST_DELIVERY_FIRST = Keyset((WebhookDelivery.created_at.expression, WebhookDelivery.id.expression), descending=True)


def readable(subject: Subject) -> Select[Webhook]:
    """Select the webhooks that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(Webhook), Webhook.project_id, subject)


def readable_deliveries(subject: Subject) -> Select[WebhookDelivery]:
    """Select the deliveries that the subject may see."""
    subject.require(Scope.AUDITS_READ)
    return within(select(WebhookDelivery), WebhookDelivery.project_id, subject)


async def get(session: AsyncSession, subject: Subject, webhook_id: UUID) -> Webhook:
    """Return a webhook. Raises: NotFoundError if there is none that the subject may see."""
    found = (await session.execute(readable(subject).where(Webhook.id == webhook_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_webhook", "There is no such webhook.")
    return found


async def get_delivery(session: AsyncSession, subject: Subject, delivery_id: UUID) -> WebhookDelivery:
    """Return a delivery. Raises: NotFoundError if there is none that the subject may see."""
    statement = readable_deliveries(subject).where(WebhookDelivery.id == delivery_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_delivery", "There is no such delivery.")
    return found
