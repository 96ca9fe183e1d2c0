"""Organisations, members, invitations, passwords, second factors, sessions and keys of people."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.auth import passwords, totp
from app.auth.roles import SCOPES
from app.db.models import AuditLogEntry, Person, Role
from app.db.session import sync_session
from tests.api.conftest import created, problem, with_key
from tests.api.people import BROWSER, PASSWORD, SESSION, Somebody, invited, join, new_browser

DANA = "dana@acme.example"


@pytest.fixture
async def acme(admin: httpx.AsyncClient) -> str:
    """An organisation without members."""
    return str((await created(admin, "/organisations", {"name": "acme"}))["id"])


@pytest.fixture
async def dana(transport: httpx.ASGITransport, admin: httpx.AsyncClient, acme: str) -> Somebody:
    """The administrator of the organisation."""
    return await join(transport, admin, acme, DANA, "administrator")


async def test_an_invitation_makes_an_account_and_works_once(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, acme: str
) -> None:
    token = await invited(admin, acme, " Dana@ACME.example ", "viewer")
    async with new_browser(transport) as browser:
        body = {"token": token}
        problem(await browser.post("/api/v1/invitations/accept", json=body), 422, "account_needed")
        body |= {"name": "Dana", "password": PASSWORD}
        answer = await browser.post("/api/v1/invitations/accept", json=body)
        assert answer.headers["cache-control"] == "no-store"
        shown = answer.json()
        assert (shown["subject"], shown["kind"], shown["organisation_id"]) == (f"person:{DANA}", "person", acme)
        assert set(shown["scopes"]) == SCOPES[Role.VIEWER]
        assert (await browser.get("/api/v1/me")).json()["email"] == DANA
        problem(await browser.post("/api/v1/invitations/accept", json=body), 401, "bad_invitation")
    with sync_session() as session:
        person = session.scalars(select(Person)).one()
        assert person.password_hash is not None
        assert person.password_hash.startswith("$argon2id$")
        actions = session.scalars(select(AuditLogEntry.action).where(AuditLogEntry.person_id == person.id)).all()
        assert actions == ["invitation.accepted", "session.opened"]


async def test_a_withdrawn_invitation_is_rejected(transport: httpx.ASGITransport, dana: Somebody, acme: str) -> None:
    token = await invited(dana.browser, acme, "eve@acme.example", "viewer")
    listed = (await dana.browser.get(f"/api/v1/organisations/{acme}/invitations")).json()["items"]
    assert token not in str(listed)
    assert (await dana.browser.delete(f"/api/v1/invitations/{listed[0]['id']}")).status_code == 204
    async with new_browser(transport) as browser:
        body = {"token": token, "name": "Eve", "password": PASSWORD}
        problem(await browser.post("/api/v1/invitations/accept", json=body), 401, "bad_invitation")


async def test_an_account_joins_another_organisation_by_signing_in(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, dana: Somebody, acme: str
) -> None:
    other = (await created(admin, "/organisations", {"name": "other"}))["id"]
    token = await invited(admin, other, DANA, "auditor")
    async with new_browser(transport) as browser:
        body = {"token": token, "name": "Eve", "password": "another long password"}
        problem(await browser.post("/api/v1/invitations/accept", json=body), 401, "sign_in_to_accept")
    answer = await dana.browser.post("/api/v1/invitations/accept", json={"token": token})
    assert answer.json()["organisation_id"] == other
    names = [one["name"] for one in (await dana.browser.get("/api/v1/organisations")).json()["items"]]
    assert names == ["other"]  # one at a time
    first, second = (await dana.browser.get("/api/v1/me")).json()["memberships"]
    assert [one["organisation_name"] for one in (first, second)] == ["acme", "other"]
    assert second["project_name"] is None
    chosen = await dana.browser.put("/api/v1/me/membership", json={"membership_id": first["id"]})
    assert chosen.status_code == 204
    assert (await dana.browser.get(SESSION)).json()["organisation_id"] == acme


async def test_signing_in_with_a_password(transport: httpx.ASGITransport, dana: Somebody) -> None:
    async with new_browser(transport) as browser:
        wrong = {"email": DANA, "password": "not the password"}
        one = problem(await browser.post(SESSION, json=wrong), 401, "bad_password")
        unknown = {"email": "nobody@acme.example", "password": PASSWORD}
        other = problem(await browser.post(SESSION, json=unknown), 401, "bad_password")
        assert one["detail"] == other["detail"]
        answer = await browser.post(SESSION, json={"email": DANA.upper(), "password": PASSWORD})
        assert answer.json()["subject"] == f"person:{DANA}"
        assert (await browser.get("/api/v1/me")).status_code == 200
    with sync_session() as session:
        refused = session.scalars(select(AuditLogEntry).where(AuditLogEntry.action == "session.refused")).one()
        assert (refused.actor, refused.details) == (f"person:{DANA}", {"reason": "bad_password"})


@pytest.mark.parametrize("email", [DANA, "nobody@acme.example"])
async def test_attempts_are_limited_per_account_known_or_not(
    transport: httpx.ASGITransport, dana: Somebody, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", _wrong)
    async with new_browser(transport) as browser:
        for _ in range(10):
            answer = await browser.post(SESSION, json={"email": email, "password": "not the password"})
            problem(answer, 401, "bad_password")
        answer = await browser.post(SESSION, json={"email": email, "password": PASSWORD})
        problem(answer, 429, "too_many_tries")


@pytest.mark.parametrize("method", ["post", "put"])
async def test_a_session_cannot_guess_the_password(
    dana: Somebody, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", _wrong)
    monkeypatch.setattr("app.auth.endpoints.SIGN_INS_PER_MINUTE", 1000)  # each attempt from another address
    path, body = {
        "post": ("/api/v1/me/second-factor", {"password": "a guess"}),
        "put": ("/api/v1/me/password", {"current": "a guess", "new": "another long password"}),
    }[method]
    for _ in range(10):
        problem(await dana.browser.request(method, path, json=body), 403, "wrong_password")
    problem(await dana.browser.request(method, path, json=body), 429, "too_many_tries")


async def _wrong(password: str, stored: str | None) -> bool:
    return False


async def test_a_second_factor_is_asked_for_and_a_code_works_once(
    transport: httpx.ASGITransport, dana: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem(await dana.browser.post("/api/v1/me/second-factor", json={"password": "wrong"}), 403, "wrong_password")
    made = (await dana.browser.post("/api/v1/me/second-factor", json={"password": PASSWORD})).json()
    with sync_session() as session:
        person = session.scalars(select(Person)).one()
        assert person.sealed_next_totp is not None
    secret = _decoded(made["secret"])
    assert made["secret"] in made["address"]
    assert secret not in person.sealed_next_totp
    step = totp.present_step()
    monkeypatch.setattr(totp, "present_step", lambda now=None: step)
    wrong = {"code": "000000" if totp.code_at(secret, step) != "000000" else "000001"}
    problem(await dana.browser.put("/api/v1/me/second-factor", json=wrong), 403, "wrong_code")
    confirmed = await dana.browser.put("/api/v1/me/second-factor", json={"code": totp.code_at(secret, step - 1)})
    assert confirmed.status_code == 204
    signing_in: dict[str, Any] = {"email": DANA, "password": PASSWORD}
    async with new_browser(transport) as browser:
        problem(await browser.post(SESSION, json=signing_in), 401, "second_factor_required")
        problem(await browser.post(SESSION, json=signing_in | wrong), 401, "bad_password")
        right = signing_in | {"code": totp.code_at(secret, step)}
        assert (await browser.post(SESSION, json=right)).status_code == 200
        problem(await browser.post(SESSION, json=right), 401, "bad_password")
    again = {"password": PASSWORD, "code": totp.code_at(secret, step)}
    problem(await dana.browser.post("/api/v1/me/second-factor", json=again), 403, "wrong_code")


async def test_a_second_factor_counts_until_the_next_one_is_confirmed(
    transport: httpx.ASGITransport, dana: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, step = "/api/v1/me/second-factor", totp.present_step()
    monkeypatch.setattr(totp, "present_step", lambda now=None: step)
    first = _decoded((await dana.browser.post(path, json={"password": PASSWORD})).json()["secret"])
    await dana.browser.put(path, json={"code": totp.code_at(first, step - 1)})
    begun = await dana.browser.post(path, json={"password": PASSWORD, "code": totp.code_at(first, step)})
    second = _decoded(begun.json()["secret"])
    assert (await dana.browser.get("/api/v1/me")).json()["second_factor"]
    signing_in = {"email": DANA, "password": PASSWORD}
    async with new_browser(transport) as browser:
        problem(await browser.post(SESSION, json=signing_in), 401, "second_factor_required")
        unconfirmed = signing_in | {"code": totp.code_at(second, step)}
        problem(await browser.post(SESSION, json=unconfirmed), 401, "bad_password")
        assert (
            await browser.post(SESSION, json=signing_in | {"code": totp.code_at(first, step + 1)})
        ).status_code == 200
        assert (await dana.browser.put(path, json={"code": totp.code_at(second, step)})).status_code == 204
        step += 1
        problem(
            await browser.post(SESSION, json=signing_in | {"code": totp.code_at(first, step + 1)}), 401, "bad_password"
        )
        assert (await browser.post(SESSION, json=signing_in | {"code": totp.code_at(second, step)})).status_code == 200


def _decoded(text: str) -> bytes:
    return base64.b32decode(text)


async def test_a_new_password_ends_the_other_sessions(transport: httpx.ASGITransport, dana: Somebody) -> None:
    async with new_browser(transport) as browser:
        await browser.post(SESSION, json={"email": DANA, "password": PASSWORD})
        body = {"current": "wrong", "new": "another long password"}
        problem(await browser.put("/api/v1/me/password", json=body), 403, "wrong_password")
        body["current"] = PASSWORD
        assert (await browser.put("/api/v1/me/password", json=body)).status_code == 204
        assert (await browser.get(SESSION)).status_code == 200
    problem(await dana.browser.get(SESSION), 401, "session_ended")


async def test_a_recovery_link_replaces_password_and_second_factor_once(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, dana: Somebody
) -> None:
    problem(await dana.browser.post(f"/api/v1/people/{dana.id}/recovery"), 403, "operator_only")
    answer = await admin.post(f"/api/v1/people/{dana.id}/recovery")
    assert answer.headers["cache-control"] == "no-store"
    problem(await dana.browser.get(SESSION), 401, "session_ended")
    token = answer.json()["link"].partition("#token=")[2]
    async with new_browser(transport) as browser:
        problem(await browser.post(SESSION, json={"email": DANA, "password": PASSWORD}), 401, "bad_password")
        assert (await browser.post(SESSION, json={"token": token})).json()["subject"] == f"person:{DANA}"
        body = {"new": "another long password"}
        assert (await browser.put("/api/v1/me/password", json=body)).status_code == 204
        problem(await browser.put("/api/v1/me/password", json=body), 403, "wrong_password")
        problem(await browser.post(SESSION, json={"token": token}), 401, "bad_link")


async def test_roles_count_at_once_in_sessions_and_keys(
    transport: httpx.ASGITransport, dana: Somebody, acme: str
) -> None:
    eve = await join(transport, dana.browser, acme, "eve@acme.example", "administrator")
    project = await created(eve.browser, "/projects", {"name": "p"})
    assert project["organisation_id"] == acme
    mine = await created(eve.browser, "/me/keys", {"name": "mine", "scopes": ["keys:write", "targets:write"]})
    assert mine["person_id"] == eve.id
    async with with_key(transport, mine["key"]) as client:
        path = f"/projects/{project['id']}"
        made = await created(client, f"{path}/keys", {"name": "machine", "scopes": ["targets:write"]})
        assert (made["parent_id"], made["person_id"]) == (mine["id"], None)
        members = (await dana.browser.get(f"/api/v1/organisations/{acme}/members")).json()["items"]
        member = next(one for one in members if one["person_id"] == eve.id)
        change = await dana.browser.patch(f"/api/v1/members/{member['id']}", json={"role": "viewer"})
        assert change.json()["role"] == "viewer"
        problem(await client.post(f"/api/v1{path}/targets", json={"name": "t"}), 403, "missing_scope")
    assert set((await eve.browser.get(SESSION)).json()["scopes"]) == SCOPES[Role.VIEWER]
    async with with_key(transport, made["key"]) as machine:
        problem(await machine.get("/api/v1/projects"), 401, "bad_key")
    assert (await dana.browser.delete(f"/api/v1/members/{member['id']}")).status_code == 204
    problem(await eve.browser.get(SESSION), 401, "session_ended")
    async with with_key(transport, mine["key"]) as client:
        problem(await client.get("/api/v1/projects"), 401, "bad_key")


async def test_nobody_gives_a_role_beyond_their_own(transport: httpx.ASGITransport, dana: Somebody, acme: str) -> None:
    scopes = [scope.value for scope in SCOPES[Role.AUDITOR]] + ["members:write"]
    made = await created(dana.browser, f"/organisations/{acme}/keys", {"name": "hr", "scopes": scopes})
    async with with_key(transport, made["key"]) as client:
        path = f"/api/v1/organisations/{acme}/invitations"
        body = {"email": "eve@acme.example", "role": "administrator"}
        problem(await client.post(path, json=body), 403, "scope_escalation")
        assert (await client.post(path, json=body | {"role": "auditor"})).status_code == 201
        (member,) = (await client.get(f"/api/v1/organisations/{acme}/members")).json()["items"]
        problem(await client.delete(f"/api/v1/members/{member['id']}"), 403, "scope_escalation")


async def test_the_last_administrator_stays(dana: Somebody, admin: httpx.AsyncClient, acme: str) -> None:
    (member,) = (await dana.browser.get(f"/api/v1/organisations/{acme}/members")).json()["items"]
    path = f"/api/v1/members/{member['id']}"
    problem(await dana.browser.patch(path, json={"role": "viewer"}), 409, "last_administrator")
    problem(await dana.browser.delete(path), 409, "last_administrator")
    assert (await admin.delete(path)).status_code == 204


async def test_a_membership_can_be_limited_to_a_project(
    transport: httpx.ASGITransport, dana: Somebody, acme: str
) -> None:
    ours, other = [await created(dana.browser, "/projects", {"name": name}) for name in ("ours", "other")]
    eve = await join(transport, dana.browser, acme, "eve@acme.example", "administrator", project_id=ours["id"])
    assert [one["id"] for one in (await eve.browser.get("/api/v1/projects")).json()["items"]] == [ours["id"]]
    problem(await eve.browser.get(f"/api/v1/projects/{other['id']}"), 404, "no_such_project")
    problem(await eve.browser.post("/api/v1/projects", json={"name": "new"}), 403, "organisation_only")
    body = {"email": "mallory@acme.example", "role": "viewer"}
    invite = f"/api/v1/organisations/{acme}/invitations"
    problem(await eve.browser.post(invite, json=body), 403, "organisation_only")
    problem(await eve.browser.post(invite, json=body | {"project_id": other["id"]}), 404, "no_such_project")
    members = (await eve.browser.get(f"/api/v1/organisations/{acme}/members")).json()["items"]
    assert [one["person_id"] for one in members] == [eve.id]


async def test_the_operator_disables_an_account(
    transport: httpx.ASGITransport, dana: Somebody, admin: httpx.AsyncClient
) -> None:
    key = (await created(dana.browser, "/me/keys", {"name": "mine", "scopes": ["audits:read"]}))["key"]
    assert (await admin.post(f"/api/v1/people/{dana.id}/disable")).status_code == 204
    problem(await dana.browser.get(SESSION), 401, "session_ended")
    async with with_key(transport, key) as client:
        problem(await client.get("/api/v1/projects"), 401, "bad_key")
    async with new_browser(transport) as browser:
        signing_in = {"email": DANA, "password": PASSWORD}
        problem(await browser.post(SESSION, json=signing_in), 403, "account_disabled")
        assert (await admin.post(f"/api/v1/people/{dana.id}/enable")).status_code == 204
        assert (await browser.post(SESSION, json=signing_in)).status_code == 200


async def test_sessions_are_listed_and_ended(transport: httpx.ASGITransport, dana: Somebody, acme: str) -> None:
    eve = await join(transport, dana.browser, acme, "eve@acme.example", "viewer")
    (own,) = (await eve.browser.get("/api/v1/sessions")).json()["items"]
    assert (own["subject"], own["method"], own["present"]) == ("person:eve@acme.example", "password", True)
    lacking = problem(await eve.browser.get("/api/v1/sessions?everybody=true"), 403, "missing_scope")
    assert lacking["detail"].endswith("Ask an administrator of your organisation for a role that has it.")
    everybody = (await dana.browser.get("/api/v1/sessions?everybody=true")).json()["items"]
    theirs = next(one for one in everybody if one["present"])
    problem(await eve.browser.delete(f"/api/v1/sessions/{theirs['id']}"), 403, "missing_scope")
    assert (await dana.browser.delete(f"/api/v1/sessions/{own['id']}")).status_code == 204
    problem(await eve.browser.get(SESSION), 401, "session_ended")


async def test_a_key_cannot_change_an_account(transport: httpx.ASGITransport, dana: Somebody) -> None:
    made = await created(dana.browser, "/me/keys", {"name": "mine", "scopes": ["keys:write"]})
    async with with_key(transport, made["key"]) as client:
        assert (await client.get("/api/v1/me")).json()["email"] == DANA
        body = {"current": PASSWORD, "new": "another long password"}
        problem(await client.put("/api/v1/me/password", json=body), 403, "sign_in_needed")
        opened = await client.post(SESSION, json={"api_key": made["key"]}, headers=BROWSER)
        assert opened.json()["person_id"] == dana.id


async def test_a_personal_key_needs_the_membership_that_limits_it(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, dana: Somebody
) -> None:
    """The body of the request waits until the session acts for another organisation."""
    other = (await created(admin, "/organisations", {"name": "other"}))["id"]
    first = (await dana.browser.get("/api/v1/me")).json()["memberships"][0]["id"]
    token = await invited(admin, other, DANA, "administrator")
    await dana.browser.post("/api/v1/invitations/accept", json={"token": token})
    second = (await dana.browser.get("/api/v1/me")).json()["memberships"][1]["id"]
    await dana.browser.put("/api/v1/me/membership", json={"membership_id": first})

    async def slowly() -> AsyncIterator[bytes]:
        choosing = dana.browser.put("/api/v1/me/membership", json={"membership_id": second})
        assert (await asyncio.create_task(choosing)).status_code == 204
        yield b'{"name": "mine", "scopes": ["audits:read"]}'

    answer = await dana.browser.post("/api/v1/me/keys", content=slowly(), headers={"Content-Type": "application/json"})
    problem(answer, 401, "session_ended")


async def test_the_log_of_an_organisation(dana: Somebody, acme: str) -> None:
    entries = (await dana.browser.get(f"/api/v1/organisations/{acme}/audit-log")).json()["items"]
    assert [entry["action"] for entry in entries] == [
        "session.opened",
        "invitation.accepted",
        "invitation.created",
        "organisation.created",
    ]
    assert [entry["actor_kind"] for entry in entries] == ["person", "person", "operator", "operator"]
