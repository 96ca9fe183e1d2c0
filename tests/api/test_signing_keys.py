"""The signing key: made once, replaced by an administrator, verified without the service."""

import asyncio
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.attestations import service
from app.auth.scopes import ALL_SCOPES
from app.auth.subject import Kind, Subject
from app.db.models import AuditLogEntry, SigningKey
from app.db.session import async_session, sync_session
from app.errors import ConflictError, ForbiddenError
from app.signatures.envelope import opened
from app.signatures.errors import SignatureRefusedError
from app.signatures.keys import PublicKey, read_public_keys
from tests.api.conftest import Tenant, problem

KEYS = "/api/v1/signing-keys"
PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
SOMEBODY = Subject(id=UUID(int=1), name="key:ci", project_id=UUID(int=2), scopes=frozenset(ALL_SCOPES))


async def signed() -> bytes:
    async with async_session() as session:
        return await service.signed(session, SOMEBODY, PAYLOAD)


async def listed(client: httpx.AsyncClient) -> list[PublicKey]:
    answer = await client.get(KEYS)
    assert answer.headers["cache-control"] == "public, max-age=300"
    return read_public_keys("".join(one["pem"] for one in answer.json()["items"]).encode())


async def test_signatures_made_at_the_same_time_make_one_key(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(KEYS)).json()["items"] == []
    envelopes = await asyncio.gather(*(signed() for _ in range(5)))
    (key,) = await listed(anonymous)
    assert [opened(envelope, [key]) for envelope in envelopes] == [(PAYLOAD, key)] * 5
    with sync_session() as session:
        entries = session.scalars(select(AuditLogEntry).where(AuditLogEntry.action == "signing_key.created"))
        assert [entry.details for entry in entries] == [{"key_id": key.id, "replaces": None}]


async def test_a_new_key_retires_the_old_one_whose_signatures_stay_valid(
    admin: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    before = await signed()
    (old,) = await listed(anonymous)
    made = await admin.post(KEYS)
    assert made.status_code == 201, made.text
    new, retired = await listed(anonymous)
    assert (new.id, retired) == (made.json()["key_id"], old)
    assert opened(before, [new, old]) == (PAYLOAD, old)
    assert opened(await signed(), [new, old]) == (PAYLOAD, new)
    with pytest.raises(SignatureRefusedError):
        opened(before, [new])
    with sync_session() as session:
        keys = session.scalars(select(SigningKey).order_by(SigningKey.created_at)).all()
        assert [(key.active, key.sealed_private is None, key.retired_at is None) for key in keys] == [
            (None, True, False),
            (True, False, True),
        ]


async def test_the_private_key_is_sealed_and_never_sent(anonymous: httpx.AsyncClient) -> None:
    await signed()
    assert set((await anonymous.get(KEYS)).json()["items"][0]) == {"id", "key_id", "pem", "created_at", "retired_at"}
    with sync_session() as session:
        key = session.scalars(select(SigningKey)).one()
        assert key.sealed_private is not None
        assert len(key.sealed_private) == 12 + 32 + 16


async def test_a_key_of_another_root_secret_is_explained_and_can_be_replaced(admin: httpx.AsyncClient) -> None:
    await signed()
    with sync_session() as session:
        key = session.scalars(select(SigningKey)).one()
        assert key.sealed_private is not None
        key.sealed_private = key.sealed_private[:-1] + bytes([key.sealed_private[-1] ^ 1])
    with pytest.raises(ConflictError, match="Replace the key"):
        await signed()
    assert (await admin.post(KEYS)).status_code == 201
    assert opened(await signed(), await listed(admin))[0] == PAYLOAD


async def test_only_the_operator_replaces_the_key(tenant: Tenant, anonymous: httpx.AsyncClient) -> None:
    problem(await anonymous.post(KEYS), 401, "not_signed_in")
    problem(await tenant.client.post(KEYS), 403, "operator_only")
    async with async_session() as session:
        with pytest.raises(ForbiddenError):
            await service.rotate(session, replace(SOMEBODY, project_id=None, kind=Kind.OPERATOR, scopes=frozenset()))
