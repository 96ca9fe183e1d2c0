"""`exhume org`, `exhume person` and `exhume key` against the API itself."""

import httpx
import pytest
from sqlalchemy import update

from app.auth.bootstrap import create_admin_key
from app.contract.exit_codes import Exit
from app.db.models import Invitation
from app.db.session import sync_session
from tests.api.command_line import CommandLine
from tests.api.conftest import problem, with_key
from tests.api.people import PASSWORD, SESSION, new_browser


@pytest.fixture
async def exhume(transport: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line of the operator."""
    with sync_session() as session:
        key = create_admin_key(session, "terminal")
    return CommandLine(transport, monkeypatch, key)


async def test_from_an_organisation_to_a_personal_key(exhume: CommandLine, transport: httpx.ASGITransport) -> None:
    await exhume("org", "create", "acme")
    assert "acme" in await exhume("org", "list")
    link = await exhume("org", "invite", "dana@acme.example", "--role", "administrator")
    assert "dana@acme.example" in await exhume("org", "invitations")
    with sync_session() as session:
        session.execute(update(Invitation).values(mail_problem="No answer."))
    shown = " ".join((await exhume.run("org", "invitations")).output.split())
    assert "dana@acme.example was not sent by e-mail: No answer." in shown
    async with new_browser(transport) as browser:
        body = {"token": link.strip().partition("#token=")[2], "name": "Dana", "password": PASSWORD}
        assert (await browser.post("/api/v1/invitations/accept", json=body)).status_code == 200
        made = await browser.post("/api/v1/me/keys", json={"name": "laptop", "scopes": ["keys:write", "audits:read"]})
        key = made.json()["key"]
        assert "person:dana@acme.example" in await exhume("person", "sessions", "--everybody")
        mine = (await exhume("key", "create", "mine", "--scope", "audits:read", "--personal", key=key)).strip()
        wide = ("key", "create", "ci", "--scope", "audits:read", "--organisation", "acme")
        machine = (await exhume(*wide, key=key)).strip()
        listed = await exhume("key", "list", "--organisation", "acme")
        assert ("laptop" in listed, "machine" in listed) == (True, True)
        await exhume("key", "revoke", made.json()["id"])
        for text in (key, mine, machine):
            async with with_key(transport, text) as client:
                problem(await client.get("/api/v1/projects"), 401, "bad_key")


async def test_members_and_accounts(exhume: CommandLine, transport: httpx.ASGITransport) -> None:
    await exhume("org", "create", "acme")
    link = await exhume("org", "invite", "dana@acme.example", "--role", "viewer")
    async with new_browser(transport) as browser:
        body = {"token": link.strip().partition("#token=")[2], "name": "Dana", "password": PASSWORD}
        assert (await browser.post("/api/v1/invitations/accept", json=body)).status_code == 200
        members = (await browser.get("/api/v1/organisations")).json()["items"][0]["id"]
        (member,) = (await browser.get(f"/api/v1/organisations/{members}/members")).json()["items"]
        assert "auditor" in await exhume("org", "role", member["id"], "auditor")
        assert "dana@acme.example" in await exhume("org", "members")
        assert "dana@acme.example" in await exhume("person", "list")
        await exhume("person", "disable", "dana@acme.example")
        problem(await browser.get(SESSION), 401, "session_ended")
        await exhume("person", "enable", "dana@acme.example")
        link = await exhume("person", "recover", "Dana@acme.example")
        answer = await browser.post(SESSION, json={"token": link.strip().partition("#token=")[2]})
        assert answer.json()["subject"] == "person:dana@acme.example"
        await exhume("org", "remove", member["id"])
        problem(await browser.get(SESSION), 401, "session_ended")
    assert (await exhume.run("person", "recover", "eve@acme.example")).exit_code == Exit.USAGE
    assert (await exhume.run("key", "list", "--organisation", "other")).exit_code == Exit.USAGE
