"""Webhooks: created with a secret that is shown once, and rejected when they could not work."""

from typing import Any

import pytest
from sqlalchemy import select

from app.db.models import Webhook
from app.db.session import sync_session
from app.settings import settings
from tests.api.conftest import Tenant, created, problem

BODY = {"name": "ci", "address": "https://hooks.example/exhume?key=hidden", "events": ["decision.failed"]}


async def test_the_secret_is_shown_once_and_nothing_is_stored_in_the_clear(tenant: Tenant) -> None:
    made = await created(tenant.client, f"/projects/{tenant.project_id}/webhooks", BODY)
    assert made["secret"].startswith("whsec_")
    assert made["shown"] == "hooks.example"
    shown = (await tenant.client.get(f"/api/v1/webhooks/{made['id']}")).text
    listed = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/webhooks")).text
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).text
    for text in (shown, listed, log):
        assert made["secret"] not in text
        assert "hidden" not in text
    with sync_session() as session:
        row = session.scalars(select(Webhook)).one()
        stored = " ".join(str(getattr(row, column.key)) for column in Webhook.__table__.columns)
    assert made["secret"].removeprefix("whsec_") not in stored
    assert "hidden" not in stored


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"address": "http://hooks.example/x"}, "webhook_address"),
    ({"address": "ftp://hooks.example/x"}, "invalid_request"),
    ({"address": "https://user:password@hooks.example/x"}, "invalid_request"),
    ({"address": "https://hooks.example/a b"}, "invalid_request"),
    ({"format": "email", "address": "ada@example.com"}, "email_off"),
    ({"format": "email", "address": "https://hooks.example/x"}, "invalid_request"),
    ({"format": "email", "address": "ada@example.com\nBcc: eve@example.com"}, "invalid_request"),
    ({"events": []}, "invalid_request"),
    ({"events": ["decision.unmade"]}, "invalid_request"),
]


async def test_what_could_not_be_sent_is_rejected(tenant: Tenant) -> None:
    for change, code in REJECTED:
        answer = await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/webhooks", json=BODY | change)
        problem(answer, 422, code)


NEVER_SENT: list[tuple[str, str, str]] = [  # networks of the operator, address, detail
    (
        "[]", "https://127.0.0.1/x",
        "127.0.0.1 is not on the public internet. Nothing would be sent there. The operator can permit its network in "
        "EXHUME_WEBHOOK_NETWORKS.",
    ),
    ("[]", "https://127.1:8443/x", "127.1 resolves to 127.0.0.1, which is not on the public internet. "),
    ("[]", "https://[::ffff:10.0.0.1]/x", "::ffff:10.0.0.1 is not on the public internet. "),
    ("[]", "https://LOCALHOST/x", "localhost resolves to 127.0.0.1, which is not on the public internet. "),
    ("[]", "https://hooks..example/x", "'hooks..example' is neither a host name nor an IP address. "),
    ("[]", "https://256.1.1.1/x", "Invalid IPv4 address: '256.1.1.1'. "),
    ("[]", "https://hooks.example:99999/x", "There is no port 99999. "),
    ('["10.0.0.0/8"]', "http://9.9.9.9/x", "9.9.9.9 is on the public internet and is reached only by https://. "),
]  # fmt: skip


@pytest.mark.parametrize(("networks", "address", "detail"), NEVER_SENT)
async def test_a_host_to_which_no_delivery_could_go_is_rejected(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, networks: str, address: str, detail: str
) -> None:
    monkeypatch.setenv("EXHUME_WEBHOOK_NETWORKS", networks)
    settings.cache_clear()
    path = f"/api/v1/projects/{tenant.project_id}/webhooks"
    found = problem(await tenant.client.post(path, json=BODY | {"address": address}), 422, "webhook_address")
    assert found["detail"].startswith(detail)


async def test_a_webhook_is_changed_switched_off_and_deleted(tenant: Tenant, stranger: Tenant) -> None:
    made = await created(tenant.client, f"/projects/{tenant.project_id}/webhooks", BODY)
    path = f"/api/v1/webhooks/{made['id']}"
    problem(await stranger.client.get(path), 404, "no_such_webhook")
    problem(await stranger.client.post(f"{path}/test"), 404, "no_such_webhook")
    again = {"events": ["decision.made", "schedule.failing"], "active": False}
    changed = (await tenant.client.patch(path, json=again)).json()
    assert {name: changed[name] for name in again} == again
    problem(await tenant.client.post(f"{path}/test"), 409, "webhook_inactive")
    assert (await tenant.client.delete(path)).status_code == 204
    problem(await tenant.client.get(path), 404, "no_such_webhook")
    log = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert [one["action"] for one in log[:3]] == ["webhook.deleted", "webhook.changed", "webhook.created"]


async def test_a_network_that_the_operator_opened_may_be_reached_without_tls(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXHUME_WEBHOOK_NETWORKS", '["10.0.0.0/8"]')
    settings.cache_clear()
    body = BODY | {"address": "http://receiver.internal/x"}
    assert (await created(tenant.client, f"/projects/{tenant.project_id}/webhooks", body))["active"]
