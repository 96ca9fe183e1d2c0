"""Deliveries: signed, repeated with back-off, replayed, and never to a private address."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.models import Notification, WebhookDelivery
from app.db.session import configured_url, sync_engine, sync_session
from app.notifications import messages
from app.notifications.delivering import BACK_OFF, round_of
from app.notifications.dispatch import dispatch, forget
from app.notifications.secrets import signature
from app.outbound.transport import PinnedClient
from app.settings import settings
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem
from tests.api.receivers import MailServer, Receiver, serving
from tests.cutting import cut_at

LOOPBACK = [ip_network("127.0.0.0/8")]
DATA = {
    "audit": "aud_1",
    "release": {"target": "badge-reader", "version": "7"},
    "sentence": "R is 31 %, over the budget of 5 %.",
    "names": ["Ada Example"],
    "rules": [{"id": "EXH001", "names": ["Ada Example"]}],
}


@pytest.fixture(scope="module")
def http() -> Iterator[Receiver]:
    server = Receiver()
    with serving(server):
        yield server


@pytest.fixture(scope="module")
def smtp() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server):
        yield server


@pytest.fixture
def receiver(http: Receiver, monkeypatch: pytest.MonkeyPatch, settings_env: dict[str, str]) -> Receiver:
    """The HTTP server, which the operator permits."""
    http.status, http.headers, http.received = 200, {}, []
    monkeypatch.setenv("EXHUME_WEBHOOK_NETWORKS", '["127.0.0.0/8"]')
    settings.cache_clear()
    return http


@pytest.fixture
async def client() -> AsyncIterator[PinnedClient]:
    async with PinnedClient(LOOPBACK) as made:
        yield made


async def made_webhook(tenant: Tenant, address: str, **changes: Any) -> dict[str, Any]:
    body = {"name": "ci", "address": address, "events": ["decision.failed"]} | changes
    return await created(tenant.client, f"/projects/{tenant.project_id}/webhooks", body)


def happen(tenant: Tenant, kind: str = "decision.failed", data: dict[str, Any] = DATA) -> None:
    """Add an event, and queue its deliveries twice, as two schedulers would."""
    with sync_session() as session:
        session.add(Notification(project_id=seeds.uuid_of(tenant.project_id), kind=kind, payload=data))
    for _ in range(2):
        with sync_session() as session:
            dispatch(session, datetime.now(UTC))


def due_now() -> None:
    """Let the waiting deliveries be due, as if the time had passed."""
    with sync_session() as session:
        late = update(WebhookDelivery).where(WebhookDelivery.next_at.is_not(None))
        session.execute(late.values(next_at=datetime.now(UTC)))


async def deliveries(tenant: Tenant, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await tenant.client.get(f"/api/v1/webhooks/{webhook['id']}/deliveries")).json()["items"])


def test_signatures_are_those_of_the_published_scheme() -> None:
    """The example of the reference implementation."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_an_event_is_delivered_once_with_a_signature_and_without_names(
    tenant: Tenant, receiver: Receiver, client: PinnedClient
) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    happen(tenant)
    happen(tenant, "decision.made")  # nobody subscribed
    assert await round_of(client) == 1
    assert await round_of(client) == 0
    [(headers, body)] = receiver.received
    key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == expected
    document = json.loads(body)
    assert (document["type"], document["data"]["audit"]) == ("decision.failed", "aud_1")
    assert b"Ada" not in body
    [shown] = await deliveries(tenant, webhook)
    assert (shown["state"], shown["status_code"], shown["attempts"]) == ("delivered", 200, 1)
    assert shown["message_id"] == headers["webhook-id"]


async def test_a_receiver_that_fails_is_asked_again_with_back_off_until_the_end(
    tenant: Tenant, receiver: Receiver, client: PinnedClient
) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    happen(tenant)
    receiver.status = 503
    waits = []
    for _ in BACK_OFF:
        assert await round_of(client) == 1
        [shown] = await deliveries(tenant, webhook)
        waits.append(datetime.fromisoformat(shown["next_at"]) - datetime.now(UTC))
        assert await round_of(client) == 0
        due_now()
    assert [round(wait / timedelta(seconds=1), -1) for wait in waits] == [
        round(wait / timedelta(seconds=1), -1) for wait in BACK_OFF
    ]
    assert await round_of(client) == 1
    [shown] = await deliveries(tenant, webhook)
    assert (shown["state"], shown["attempts"], shown["next_at"]) == ("failed", len(BACK_OFF) + 1, None)
    assert shown["error"] == "The receiver answered 503."
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {shown["message_id"]}
    assert (await tenant.client.get(f"/api/v1/webhooks/{webhook['id']}")).json()["failures"] == 1
    receiver.status = 200
    again = (await tenant.client.post(f"/api/v1/webhook-deliveries/{shown['id']}/replay")).json()
    assert (again["replay_of"], again["message_id"]) == (shown["id"], shown["message_id"])
    problem(await tenant.client.post(f"/api/v1/webhook-deliveries/{again['id']}/replay"), 409, "delivery_pending")
    assert await round_of(client) == 1
    assert [one["state"] for one in await deliveries(tenant, webhook)] == ["delivered", "failed"]
    assert (await tenant.client.get(f"/api/v1/webhooks/{webhook['id']}")).json()["failures"] == 0


async def test_a_receiver_can_ask_for_more_time_or_for_nothing_more(
    tenant: Tenant, receiver: Receiver, client: PinnedClient
) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    happen(tenant)
    receiver.status, receiver.headers = 429, {"Retry-After": "900"}
    await round_of(client)
    [shown] = await deliveries(tenant, webhook)
    assert datetime.fromisoformat(shown["next_at"]) - datetime.now(UTC) > timedelta(minutes=14)
    receiver.status = 410
    due_now()
    await round_of(client)
    [shown] = await deliveries(tenant, webhook)
    assert shown["state"] == "failed"
    assert (await tenant.client.get(f"/api/v1/webhooks/{webhook['id']}")).json()["active"] is False


async def test_a_redirect_is_not_followed(tenant: Tenant, receiver: Receiver, client: PinnedClient) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    happen(tenant)
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    await round_of(client)
    assert len(receiver.received) == 1
    assert [one["error"] for one in await deliveries(tenant, webhook)] == ["The receiver answered 307."]


@pytest.mark.parametrize("opened", [[], [ip_network("10.0.0.0/8")]])
async def test_a_private_address_is_not_contacted(tenant: Tenant, receiver: Receiver, opened: list[Any]) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    happen(tenant)
    async with PinnedClient(opened) as client:
        await round_of(client)
    assert receiver.received == []
    [shown] = await deliveries(tenant, webhook)
    assert "is not on the public internet. Nothing was sent there" in shown["error"]


async def test_a_test_event_reaches_the_receiver(tenant: Tenant, receiver: Receiver, client: PinnedClient) -> None:
    webhook = await made_webhook(tenant, receiver.url)
    queued = (await tenant.client.post(f"/api/v1/webhooks/{webhook['id']}/test")).json()
    await round_of(client)
    assert json.loads(receiver.received[0][1])["type"] == "webhook.test"
    assert (await tenant.client.get(f"/api/v1/webhook-deliveries/{queued['id']}")).json()["state"] == "delivered"


async def test_slack_gets_a_message(tenant: Tenant, receiver: Receiver, client: PinnedClient) -> None:
    await made_webhook(tenant, receiver.url, format="slack")
    happen(tenant, data=DATA | {"reason": "R < <!channel>"})
    await round_of(client)
    [(headers, body)] = receiver.received
    assert "webhook-signature" not in headers
    message = json.loads(body)
    assert message["text"] == "Release gate failed: badge-reader 7"
    text = message["blocks"][0]["text"]["text"]
    assert "R is 31 %, over the budget of 5 %." in text
    assert "&lt;!channel&gt;" in text
    assert "Ada" not in text


async def test_mail_goes_to_every_recipient_and_is_repeated(
    tenant: Tenant, receiver: Receiver, smtp: MailServer, client: PinnedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("HOST", "127.0.0.1"), ("PORT", str(smtp.port)), ("SECURITY", "none")):
        monkeypatch.setenv(f"EXHUME_SMTP_{name}", value)
    settings.cache_clear()
    webhook = await made_webhook(
        tenant, "ada@example.com, bob@example.com", format="email", events=["schedule.failing"]
    )
    assert webhook["secret"] is None
    happen(
        tenant,
        "schedule.failing",
        {"name": "nightly\r\nBcc: eve@example.com", "problem": {"code": "x", "detail": "The set is gone."}},
    )
    smtp.refuses = True
    await round_of(client)
    [shown] = await deliveries(tenant, webhook)
    assert (shown["state"], "did not accept" in shown["error"]) == ("pending", True)
    smtp.refuses = False
    due_now()
    await round_of(client)
    [text] = smtp.messages
    assert "Subject: [Exhume] Schedule fails: nightly Bcc: eve@example.com\r\n" in text
    assert "To: ada@example.com, bob@example.com" in text
    assert "The set is gone." in text


async def test_a_delivery_that_cannot_be_sent_does_not_hold_up_the_others(
    tenant: Tenant, receiver: Receiver, client: PinnedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = await made_webhook(tenant, receiver.url, format="slack")
    await made_webhook(tenant, receiver.url, name="other")
    happen(tenant)

    def breaks(payload: dict[str, Any]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(messages, "slack", breaks)
    assert await round_of(client) == 2
    assert len(receiver.received) == 1
    [shown] = await deliveries(tenant, broken)
    assert (shown["state"], "ZeroDivisionError" in shown["error"]) == ("pending", True)


async def test_an_event_whose_sender_is_cut_arrives_under_one_id_and_is_recorded_once(
    tenant: Tenant, receiver: Receiver, client: PinnedClient
) -> None:
    """Cut the scheduler before and after each commit, from the event to its delivery."""
    webhook = await made_webhook(tenant, receiver.url)
    engine, place = sync_engine(configured_url()), 0
    while True:
        place += 1
        receiver.received = []
        with sync_session() as session:
            session.add(Notification(project_id=seeds.uuid_of(tenant.project_id), kind="decision.failed", payload=DATA))
        with cut_at(engine, place) as cutter:
            await queue_and_send(client)
        due_now()
        await queue_and_send(client)
        assert 1 <= len(receiver.received) <= 2, place
        assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1, place
        shown = await deliveries(tenant, webhook)
        assert [one["state"] for one in shown] == ["delivered"] * place
        if not cutter.cut:
            break
    assert place == 7, "three transactions: deliveries, claim, record"


async def queue_and_send(client: PinnedClient) -> None:
    """Do what the scheduler does in a round."""
    with sync_session() as session:
        dispatch(session, datetime.now(UTC))
    await round_of(client)


async def test_old_events_are_forgotten(tenant: Tenant, receiver: Receiver) -> None:
    await made_webhook(tenant, receiver.url)
    happen(tenant)
    with sync_session() as session:
        assert forget(session, datetime.now(UTC) + timedelta(days=29)) == 0
        assert forget(session, datetime.now(UTC) + timedelta(days=31)) == 1
        assert session.scalars(select(WebhookDelivery)).all() == []
