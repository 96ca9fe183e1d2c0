"""Repeated POST requests."""

import asyncio
import base64

import httpx
from sqlalchemy import func, select

from app.db.models import ApiKey, IdempotencyKey, Target
from app.db.session import sync_session
from tests.api.conftest import Tenant, problem


async def test_the_first_answer_comes_again(tenant: Tenant) -> None:
    path, headers = f"/api/v1/projects/{tenant.project_id}/targets", {"Idempotency-Key": "once-only-1"}
    first = await tenant.client.post(path, json={"name": "t"}, headers=headers)
    again = await tenant.client.post(path, json={"name": "t"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(Target)) == 1


async def test_the_same_key_with_another_request_is_rejected(tenant: Tenant) -> None:
    path, headers = f"/api/v1/projects/{tenant.project_id}/targets", {"Idempotency-Key": "once-only-1"}
    await tenant.client.post(path, json={"name": "t"}, headers=headers)
    answer = await tenant.client.post(path, json={"name": "u"}, headers=headers)
    problem(answer, 422, "idempotency_key_reused")


async def test_keys_of_two_subjects_are_different(tenant: Tenant, stranger: Tenant) -> None:
    headers = {"Idempotency-Key": "once-only-1"}
    for one in (tenant, stranger):
        path = f"/api/v1/projects/{one.project_id}/targets"
        assert (await one.client.post(path, json={"name": "t"}, headers=headers)).status_code == 201


async def test_a_failure_is_not_remembered(tenant: Tenant) -> None:
    path, headers = f"/api/v1/projects/{tenant.project_id}/targets", {"Idempotency-Key": "once-only-1"}
    await tenant.client.post(path, json={"name": "t"})
    problem(await tenant.client.post(path, json={"name": "t"}, headers=headers), 409, "name_taken")
    with sync_session() as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


async def test_of_many_equal_requests_at_once_one_takes_effect(tenant: Tenant) -> None:
    path, headers = f"/api/v1/projects/{tenant.project_id}/targets", {"Idempotency-Key": "once-only-1"}

    async def send() -> httpx.Response:
        return await tenant.client.post(path, json={"name": "t"}, headers=headers)

    answers = await asyncio.gather(*(send() for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json()["id"] for answer in made}) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "request_in_flight")


async def test_a_new_keys_text_is_not_readable_in_the_remembered_answer(tenant: Tenant) -> None:
    path, headers = f"/api/v1/projects/{tenant.project_id}/keys", {"Idempotency-Key": "once-only-1"}
    body = {"name": "ci", "scopes": ["audits:read"]}
    first = await tenant.client.post(path, json=body, headers=headers)
    again = await tenant.client.post(path, json=body, headers=headers)
    assert again.json()["key"] == first.json()["key"]
    with sync_session() as session:
        remembered = session.scalars(select(IdempotencyKey)).one().body
        assert remembered is not None
        assert first.json()["key"].encode() not in base64.b64decode(remembered["sealed"])
        assert session.scalar(select(func.count()).where(ApiKey.name == "ci")) == 1
