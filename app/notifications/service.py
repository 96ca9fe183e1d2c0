"""Creating, changing, testing and deleting webhooks, and replaying deliveries."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Webhook, WebhookDelivery, WebhookFormat
from app.db.states import DeliveryState
from app.errors import ConflictError, UnprocessableError
from app.kit.cursor import fetch_page
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.notifications import repository, schemas, secrets
from app.outbound.refusal import NotAHostError, NotPermittedError, check_host
from app.settings import settings


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.WebhookCreate
) -> schemas.NewWebhook:
    """Create a webhook. Only this response contains its secret."""
    subject.require(Scope.WEBHOOKS_WRITE)
    _check_transport(body)
    secret = secrets.new_secret() if body.format is WebhookFormat.STANDARD else None
    made = Webhook(
        project_id=project_id,
        name=body.name,
        format=body.format,
        shown=body.address if body.format is WebhookFormat.EMAIL else urlsplit(body.address).netloc,
        sealed_address=secrets.sealed(body.address, project_id, "address"),
        sealed_secret=None if secret is None else secrets.sealed(secret, project_id, "secret"),
        events=list(dict.fromkeys(body.events)),
        created_by=subject.name[:100],
    )
    async with unique_violation(session, _taken(body.name)):
        session.add(made)
        await session.flush()
    await session.refresh(made)
    details: dict[str, object] = {"name": made.name, "receiver": made.shown, "events": made.events}
    await _log(session, subject, "webhook.created", made, details)
    return schemas.NewWebhook(**schemas.Webhook.model_validate(made).model_dump(), secret=secret)


async def update(
    session: AsyncSession, subject: Subject, webhook_id: UUID, body: schemas.WebhookUpdate
) -> schemas.Webhook:
    """Change a webhook."""
    subject.require(Scope.WEBHOOKS_WRITE)
    found = await repository.get(session, subject, webhook_id)
    async with unique_violation(session, _taken(body.name or found.name)):
        for name in body.model_fields_set:
            setattr(found, name, getattr(body, name))
        await session.flush()
    details: dict[str, object] = {"name": found.name, "events": found.events, "active": found.active}
    await _log(session, subject, "webhook.changed", found, details)
    return schemas.Webhook.model_validate(found)


async def delete(session: AsyncSession, subject: Subject, webhook_id: UUID) -> None:
    """Delete a webhook and its deliveries."""
    subject.require(Scope.WEBHOOKS_WRITE)
    found = await repository.get(session, subject, webhook_id)
    await _log(session, subject, "webhook.deleted", found, {"name": found.name})
    await session.delete(found)


async def test(session: AsyncSession, subject: Subject, webhook_id: UUID) -> schemas.Delivery:
    """Queue an event that says that the webhook works."""
    subject.require(Scope.WEBHOOKS_WRITE)
    found = await repository.get(session, subject, webhook_id)
    data = {"webhook": public_id("whk", found.id), "name": found.name}
    payload = schemas.event_document(schemas.TEST, datetime.now(UTC).isoformat(timespec="seconds"), data)
    return await _queue(session, found, f"msg_{uuid4().hex}", schemas.TEST, payload)


async def replay(session: AsyncSession, subject: Subject, delivery_id: UUID) -> schemas.Delivery:
    """Queue the event of a finished delivery again."""
    subject.require(Scope.WEBHOOKS_WRITE)
    earlier = await repository.get_delivery(session, subject, delivery_id)
    if earlier.state == DeliveryState.PENDING:
        raise ConflictError("delivery_pending", "This delivery has not ended. It is sent again by itself.")
    webhook = await repository.get(session, subject, earlier.webhook_id)
    return await _queue(session, webhook, earlier.message_id, earlier.event, earlier.payload, earlier=earlier)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.WebhookQuery
) -> schemas.WebhookPage:
    """List the webhooks of a project, newest first."""
    statement = repository.readable(subject).where(Webhook.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.WebhookPage(items=[schemas.Webhook.model_validate(row[0]) for row in rows], next_cursor=following)


async def deliveries(
    session: AsyncSession, subject: Subject, webhook_id: UUID, *, limit: int, cursor: str | None
) -> schemas.DeliveryPage:
    """List the deliveries of a webhook, newest first."""
    found = await repository.get(session, subject, webhook_id)
    statement = repository.readable_deliveries(subject).where(WebhookDelivery.webhook_id == found.id)
    keyset = repository.NEWEST_DELIVERY_FIRST
    rows, following = await fetch_page(session, statement, keyset, limit=limit, cursor=cursor)
    return schemas.DeliveryPage(items=[schemas.Delivery.model_validate(row[0]) for row in rows], next_cursor=following)


async def _queue(
    session: AsyncSession,
    webhook: Webhook,
    message_id: str,
    event: str,
    payload: dict[str, object],
    *,
    earlier: WebhookDelivery | None = None,
) -> schemas.Delivery:
    if not webhook.active:
        raise ConflictError("webhook_inactive", "This webhook is switched off. Switch it on first.")
    made = WebhookDelivery(
        project_id=webhook.project_id,
        webhook_id=webhook.id,
        notification_id=earlier.notification_id if earlier else None,
        replay_of=earlier.id if earlier else None,
        message_id=message_id,
        event=event,
        payload=payload,
        next_at=datetime.now(UTC),
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    return schemas.Delivery.model_validate(made)


def _check_transport(body: schemas.WebhookCreate) -> None:
    """Reject what cannot be sent with the settings of this service."""
    if body.format is WebhookFormat.EMAIL and settings().smtp_host is None:
        raise UnprocessableError(
            "email_off", "This service sends no e-mail. The operator can name a mail server in EXHUME_SMTP_HOST."
        )
    if body.address.startswith("http://") and not settings().webhook_networks:
        raise UnprocessableError(
            "webhook_address",
            "A webhook needs an https:// address. The operator can permit http:// for a network in "
            "EXHUME_WEBHOOK_NETWORKS.",
        )
    if body.format is not WebhookFormat.EMAIL:
        _check_host(body.address)


def _check_host(address: str) -> None:
    """Reject a host to which every delivery would fail, whatever a resolver says."""
    try:
        url = httpx.URL(address)  # which delivery uses too
        check_host(url.raw_host.decode(), settings().webhook_networks, encrypted=url.scheme == "https")
        if url.port is not None and not 0 < url.port < 65536:
            raise UnprocessableError("webhook_address", f"There is no port {url.port}. Correct the address.")
    except NotPermittedError as error:
        advice = error.advice("EXHUME_WEBHOOK_NETWORKS")
        raise UnprocessableError("webhook_address", f"{error}. Nothing would be sent there. {advice}") from error
    except (NotAHostError, httpx.InvalidURL) as error:
        raise UnprocessableError("webhook_address", f"{error}. Correct the address.") from error


def _taken(name: str) -> ConflictError:
    return ConflictError("name_taken", f"A webhook named {name!r} already exists.")


async def _log(
    session: AsyncSession, subject: Subject, action: str, webhook: Webhook, details: dict[str, object]
) -> None:
    identifier = public_id("whk", webhook.id)
    await audit_log.write(session, subject, action, identifier, project_id=webhook.project_id, details=details)
