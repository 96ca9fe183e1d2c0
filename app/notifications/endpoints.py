"""Endpoints of webhooks and their deliveries."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import DeliveryId, ProjectId, WebhookId
from app.kit.problems import problems
from app.notifications import repository, schemas, service
from app.projects import repository as projects

router = Router(tags=["webhooks"])


@router.get("/projects/{project_id}/webhooks", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_webhooks(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.WebhookQuery, Query()]
) -> schemas.WebhookPage:
    """List the webhooks of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/webhooks",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.WEBHOOKS_WRITE)],
)
async def create_webhook(
    project_id: ProjectId, body: schemas.WebhookCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.NewWebhook:
    """Create a webhook. Only this response contains the secret of its signatures."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/webhooks/{webhook_id}", name="get", responses=problems(401, 403, 404))
async def get_webhook(webhook_id: WebhookId, session: Transaction, subject: Caller) -> schemas.Webhook:
    """Get a webhook."""
    return schemas.Webhook.model_validate(await repository.get(session, subject, webhook_id))


@router.patch(
    "/webhooks/{webhook_id}",
    name="update",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.WEBHOOKS_WRITE)],
)
async def update_webhook(
    webhook_id: WebhookId, body: schemas.WebhookUpdate, session: Transaction, subject: Caller
) -> schemas.Webhook:
    """Change a webhook. Only the fields that are sent change."""
    return await service.update(session, subject, webhook_id, body)


@router.delete(
    "/webhooks/{webhook_id}",
    name="delete",
    status_code=204,
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.WEBHOOKS_WRITE)],
)
async def delete_webhook(webhook_id: WebhookId, session: Transaction, subject: Caller) -> None:
    """Delete a webhook and the list of its deliveries."""
    await service.delete(session, subject, webhook_id)


@router.post(
    "/webhooks/{webhook_id}/test",
    name="test",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.WEBHOOKS_WRITE)],
)
async def test_webhook(
    webhook_id: WebhookId, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Delivery:
    """Send an event of the type `webhook.test`."""
    return await once(lambda: service.test(session, subject, webhook_id))


@router.get("/webhooks/{webhook_id}/deliveries", name="deliveries", responses=problems(400, 401, 403, 404, 422))
async def list_deliveries(
    webhook_id: WebhookId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.DeliveryPage:
    """List the deliveries of a webhook, newest first."""
    return await service.deliveries(session, subject, webhook_id, limit=limit, cursor=cursor)


@router.get("/webhook-deliveries/{delivery_id}", name="delivery", responses=problems(401, 403, 404))
async def get_delivery(delivery_id: DeliveryId, session: Transaction, subject: Caller) -> schemas.Delivery:
    """Get a delivery: its payload, its attempts and the last answer."""
    return schemas.Delivery.model_validate(await repository.get_delivery(session, subject, delivery_id))


@router.post(
    "/webhook-deliveries/{delivery_id}/replay",
    name="replay",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.WEBHOOKS_WRITE)],
)
async def replay_delivery(
    delivery_id: DeliveryId, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Delivery:
    """Send the event of a finished delivery again, with the same `webhook-id`."""
    return await once(lambda: service.replay(session, subject, delivery_id))
