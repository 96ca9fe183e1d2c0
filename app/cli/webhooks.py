"""`exhume webhook`: events of a project, sent to other services and by e-mail."""

from typing import Annotated, Any, Literal

import typer

from app.cli import lookup
from app.cli.arguments import ProjectOption, SearchOption, SortOption
from app.cli.connection import server
from app.cli.terminal import err, out
from exhume import Client

webhook_app = typer.Typer()
WebhookArgument = Annotated[str, typer.Argument(help="Id or name of the webhook.")]


@webhook_app.command("create")
def create_webhook(
    name: Annotated[str, typer.Argument(help="Name of the webhook.")],
    address: Annotated[str, typer.Argument(help="An https:// address, or e-mail addresses separated by commas.")],
    event: Annotated[
        list[str],
        typer.Option(
            help="Event to send, such as decision.failed, decision.regressed, decision.made, waiver.expiring or "
            "schedule.failing; can be repeated."
        ),
    ],
    form: Annotated[
        Literal["standard", "slack", "email"],
        typer.Option("--format", help="What is sent: signed JSON, a message for Slack, or an e-mail."),
    ] = "standard",
    project: ProjectOption = None,
) -> None:
    """Send events to an address. Prints the secret of the signatures, which is not shown again."""
    with server() as client:
        path = f"/projects/{lookup.project_id(client, project)}/webhooks"
        made = client.post(path, {"name": name, "address": address, "events": event, "format": form})
        err.say(f"webhook {made.get('id')}")
        if made.get("secret"):
            out.say(made["secret"])


@webhook_app.command("list")
def list_webhooks(project: ProjectOption = None, search: SearchOption = None, sort: SortOption = None) -> None:
    """List webhooks and the events that they are sent."""
    with server() as client:
        rows = list(client.items(f"/projects/{lookup.project_id(client, project)}/webhooks", q=search, sort=sort))
        rows = [row | {"receiver": row.get("shown"), "events": ", ".join(row.get("events", []))} for row in rows]
        out.rows(rows, ("id", "name", "format", "receiver", "events", "active", "failures"))


@webhook_app.command("show")
def show_webhook(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """Print a webhook as JSON. Its secret is not shown."""
    with server() as client:
        out.json(client.get(f"/webhooks/{_found(client, project, webhook)['id']}"))


@webhook_app.command("test")
def send_test(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """Send an event of the type webhook.test, and print the id of its delivery."""
    with server() as client:
        out.say(str(client.post(f"/webhooks/{_found(client, project, webhook)['id']}/test").get("id")))


@webhook_app.command("deliveries")
def list_deliveries(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """List the deliveries of the last 30 days, newest first."""
    with server() as client:
        rows = client.items(f"/webhooks/{_found(client, project, webhook)['id']}/deliveries")
        out.rows(list(rows), ("id", "event", "state", "attempts", "status_code", "error", "next_at"))


@webhook_app.command("replay")
def replay_delivery(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Id of a delivery that has ended.")],
) -> None:
    """Send the event of a delivery again, and print the id of the new delivery."""
    with server() as client:
        out.say(str(client.post(f"/webhook-deliveries/{delivery}/replay").get("id")))


@webhook_app.command("pause")
def pause_webhook(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """Pause a webhook. Events of that time are not sent later."""
    _switch(webhook, project, active=False)


@webhook_app.command("resume")
def resume_webhook(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """Send events to a paused webhook again."""
    _switch(webhook, project, active=True)


@webhook_app.command("delete")
def delete_webhook(webhook: WebhookArgument, project: ProjectOption = None) -> None:
    """Delete a webhook and the list of its deliveries."""
    with server() as client:
        client.delete(f"/webhooks/{_found(client, project, webhook)['id']}")


def _found(client: Client, project: str | None, webhook: str) -> dict[str, Any]:
    return lookup.named(client, lookup.project_id(client, project), "webhooks", "webhook", webhook)


def _switch(webhook: str, project: str | None, *, active: bool) -> None:
    with server() as client:
        client.patch(f"/webhooks/{_found(client, project, webhook)['id']}", {"active": active})
