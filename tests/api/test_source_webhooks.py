"""Incoming webhooks: only signed and recent ones count, and each counts once."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.db.models import SourceCall
from app.db.session import sync_session
from app.settings import settings
from app.sources.rounds import round_of
from tests.api.conftest import Tenant, problem
from tests.api.sources import HOSTS, Stub, changes_of, made_source, shown

COMMIT, OTHER = "ab" * 20, "cd" * 20


@pytest.fixture(autouse=True)
def _permitted(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXHUME_IMPORT_HOSTS", HOSTS)
    monkeypatch.setenv("EXHUME_IMPORT_REGISTRY_URL", "https://mlflow.example")
    settings.cache_clear()


def signed(secret: str, document: Any, *, at: float | None = None, delivery: str = "d-1") -> dict[str, Any]:
    """Return the arguments of a request as MLflow sends it."""
    body = json.dumps(document).encode()
    stamp = str(int(time.time() if at is None else at))
    made = hmac.new(secret.encode(), f"{delivery}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Signature": "v1," + base64.b64encode(made).decode(),
    }
    return {"content": body, "headers": headers}


def event(entity: str, action: str, **data: Any) -> dict[str, Any]:
    return {"entity": entity, "action": action, "timestamp": "2026-11-01T00:00:00Z", "data": data}


def of_hub(**changes: Any) -> dict[str, Any]:
    """Return a webhook of the hub about a push to main."""
    return {
        "event": {"action": "update", "scope": "repo.content"},
        "repo": {"type": "model", "name": "acme/badge", "id": "1", "headSha": COMMIT},
        "updatedRefs": [{"ref": "refs/heads/main", "oldSha": OTHER, "newSha": COMMIT}],
        "webhook": {"id": "2", "version": 3},
    } | changes


def calls() -> list[SourceCall]:
    with sync_session() as session:
        return list(session.scalars(select(SourceCall)))


async def test_a_new_alias_in_mlflow_creates_a_release_once(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    source = await made_source(tenant, "models:/badge@candidate")
    sent = signed(
        source["webhook_secret"], event("model_version_alias", "created", name="badge", alias="candidate", version="7")
    )
    first = await anonymous.post(source["webhook_path"], **sent)
    assert (first.status_code, first.json()) == (202, {"accepted": True})
    again = await anonymous.post(source["webhook_path"], **sent)
    assert (again.status_code, again.json()) == (202, {"accepted": False})
    client = Stub()
    client.answer("GET", "/api/2.0/mlflow/registered-models/alias", {"model_version": {"version": "7"}})
    await round_of(client)
    assert [change["revision"] for change in await changes_of(tenant, source)] == ["7"]
    assert await shown(tenant, source) | {"seen": "7"} == await shown(tenant, source)


@pytest.mark.parametrize(
    ("address", "sent", "revision"),
    [
        ("models:/badge", event("model_version", "created", name="badge", version="9"), "9"),
        ("models:/badge@candidate", event("model_version", "created", name="badge", version="9"), None),
        (
            "models:/badge@candidate",
            event("model_version_alias", "created", name="badge", alias="other", version="9"),
            None,
        ),
        ("models:/badge", event("model_version", "created", name="badge", version="9; DROP"), None),
    ],
)
async def test_other_events_about_the_model_have_it_checked(
    tenant: Tenant, anonymous: httpx.AsyncClient, address: str, sent: dict[str, Any], revision: str | None
) -> None:
    source = await made_source(tenant, address)
    answer = await anonymous.post(source["webhook_path"], **signed(source["webhook_secret"], sent))
    assert answer.json() == {"accepted": True}
    assert [call.revision for call in calls()] == [revision]


async def test_what_is_not_signed_or_not_recent_is_rejected(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    source = await made_source(tenant, "models:/badge")
    path, secret = source["webhook_path"], source["webhook_secret"]
    document = event("model_version", "created", name="badge", version="9")
    good = signed(secret, document)
    headers = good["headers"]
    for forged in (
        signed("another secret", document),
        good | {"content": good["content"] + b" "},
        good | {"headers": {name: text for name, text in headers.items() if name != "X-MLflow-Signature"}},
        good | {"headers": headers | {"X-MLflow-Delivery-Id": "d-2"}},
        good | {"headers": headers | {"X-MLflow-Timestamp": str(int(time.time()) + 1)}},
        good | {"headers": headers | {"X-MLflow-Signature": "v1,é".encode()}},
    ):
        problem(await anonymous.post(path, **forged), 401, "bad_signature")
    for offset in (-301, 360):  # a minute for a slow machine
        problem(await anonymous.post(path, **signed(secret, document, at=time.time() + offset)), 401, "late_webhook")
    problem(await anonymous.post(path, **signed(secret, ["a list"])), 422, "bad_webhook")
    unknown = "/api/v1/sources/src_" + "0" * 32 + "/webhook"
    problem(await anonymous.post(unknown, **good), 401, "bad_signature")
    assert calls() == []


async def test_a_push_to_the_hub_is_pinned_and_counts_once(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    source = await made_source(tenant, "hf://acme/badge@main/model.safetensors")
    path, headers = source["webhook_path"], {"X-Webhook-Secret": source["webhook_secret"]}
    assert (await anonymous.post(path, json=of_hub(), headers=headers)).json() == {"accepted": True}
    assert (await anonymous.post(path, json=of_hub(), headers=headers)).json() == {"accepted": False}
    client = Stub()
    client.answer("GET", "/api/models/acme/badge/revision/main", {"sha": COMMIT})
    await round_of(client)
    assert [change["revision"] for change in await changes_of(tenant, source)] == [COMMIT]


OF_NO_INTEREST: list[dict[str, Any]] = [
    of_hub(event={"action": "update", "scope": "repo.config"}),
    of_hub(event={"action": "create", "scope": "discussion.comment"}),
    of_hub(repo={"type": "dataset", "name": "acme/badge"}),
    of_hub(repo={"type": "model", "name": "acme/other"}),
    of_hub(updatedRefs=[{"ref": "refs/heads/draft", "newSha": COMMIT}]),
    of_hub(updatedRefs=[{"ref": "refs/heads/main", "newSha": None}]),
    of_hub(updatedRefs=[{"ref": "refs/heads/main", "newSha": "../../etc"}]),
    of_hub(updatedRefs=None, event=None),
]


async def test_other_events_of_the_hub_are_of_no_interest(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    source = await made_source(tenant, "hf://acme/badge@main/model.safetensors")
    headers = {"X-Webhook-Secret": source["webhook_secret"]}
    for document in OF_NO_INTEREST:
        answer = await anonymous.post(source["webhook_path"], json=document, headers=headers)
        assert (answer.status_code, answer.json()) == (202, {"accepted": False})
    assert calls() == []


async def test_the_hub_must_know_the_secret(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    source = await made_source(tenant, "hf://acme/badge@main/model.safetensors")
    for headers in ({}, {"X-Webhook-Secret": ""}, {"X-Webhook-Secret": source["webhook_secret"] + "x"}):
        problem(await anonymous.post(source["webhook_path"], json=of_hub(), headers=headers), 401, "bad_signature")
