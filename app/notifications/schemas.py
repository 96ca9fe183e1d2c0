"""Documents of webhooks and their deliveries."""

import re
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from app.db.models import WebhookFormat
from app.db.states import DeliveryState
from app.kit.cursor import Page
from app.kit.ids import DeliveryId, ProjectId, WebhookId
from app.kit.listing import Named
from app.kit.schema import Body, Document, Json, Name, Timestamp

Event = Literal["decision.made", "decision.failed", "decision.regressed", "waiver.expiring", "schedule.failing"]
EVENTS: tuple[str, ...] = get_args(Event)
TEST = "webhook.test"
MAIL = re.compile(r"[^@\s,<>\"]{1,64}@[A-Za-z0-9.-]{1,255}")
Events = Annotated[
    list[Event],
    Field(
        min_length=1,
        max_length=len(EVENTS),
        description="`decision.made`: every decision. `decision.failed`: a release failed its policy. "
        "`decision.regressed`: its risk increased. `waiver.expiring`: a waiver ends soon. `schedule.failing`: a "
        "schedule failed after a success.",
    ),
]


class WebhookCreate(Body):
    """A receiver of events."""

    name: Name
    format: WebhookFormat = Field(
        WebhookFormat.STANDARD,
        description="`standard`: a JSON document, signed by the scheme of standardwebhooks.com. `slack`: a message for "
        "an incoming webhook of Slack or a compatible service. `email`: a message by SMTP.",
    )
    address: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=3, max_length=1000),
        Field(
            description="An `https://` address, or e-mail addresses separated by commas. It is stored encrypted.",
            examples=["https://hooks.example.com/exhume"],
        ),
    ]
    events: Events

    @model_validator(mode="after")
    def _address_of_the_format(self) -> Self:
        if self.format is WebhookFormat.EMAIL:
            if not all(MAIL.fullmatch(one) for one in recipients(self.address)):
                raise ValueError("`address` must list e-mail addresses, such as ada@example.com, bob@example.com")
        elif not re.fullmatch(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", self.address):
            raise ValueError("`address` must be an https:// address without user name and fragment")
        return self


class WebhookUpdate(Body):
    """Fields to change. The others keep their value."""

    name: Name | None = None
    events: Events | None = None
    active: bool | None = Field(None, description="False: nothing is sent.")

    @model_validator(mode="after")
    def _not_null(self) -> Self:
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"`{name}` must not be null: leave it out to keep its value")
        return self


class Webhook(Document):
    """A receiver of events. Its address and secret are not shown."""

    id: WebhookId
    project_id: ProjectId
    name: str
    format: WebhookFormat
    shown: str = Field(description="The host of its address, or its e-mail addresses.")
    events: list[str]
    active: bool
    failures: int = Field(description="Deliveries that failed for good since the last one that succeeded.")
    created_by: str
    created_at: Timestamp


class NewWebhook(Webhook):
    """A new receiver, with its secret."""

    secret: str | None = Field(
        description="Key of the signatures, `whsec_` and base64. Shown only in this response. Null for other formats."
    )


class WebhookQuery(Named):
    """Parameters of a list of webhooks."""

    format: WebhookFormat | None = Field(None, description="Only webhooks of this format.")
    active: bool | None = Field(None, description="Only active webhooks, or only paused ones.")


class WebhookPage(Page[Webhook]):
    """Webhooks, newest first."""


class Delivery(Document):
    """An event on its way to a webhook."""

    id: DeliveryId
    webhook_id: WebhookId
    replay_of: DeliveryId | None = Field(description="The delivery that this one repeats.")
    message_id: str = Field(description="Value of `webhook-id`. The same for all attempts and replays of an event.")
    event: str
    payload: Json
    state: DeliveryState
    attempts: int
    next_at: Timestamp | None = Field(description="When it is sent (again). Null when it has ended.")
    status_code: int | None = Field(description="HTTP status of the last answer.")
    error: str | None = Field(description="Why the last attempt failed.")
    created_at: Timestamp
    finished_at: Timestamp | None


class DeliveryPage(Page[Delivery]):
    """Deliveries, newest first."""


def recipients(address: str) -> list[str]:
    """Return the e-mail addresses of a list."""
    return [one.strip() for one in address.split(",")]


def event_document(event: str, at: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the standard format."""
    return {"type": event, "timestamp": at, "data": data}
