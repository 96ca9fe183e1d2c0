"""Organisations and people for tests of the API."""

from dataclasses import dataclass
from typing import Any

import httpx

from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import api_key_hash, new_api_key
from app.db.models import ApiKey, Membership, Person, Role
from app.db.session import sync_session
from app.kit.ids import parse_id
from tests.api.conftest import HOST, created

PASSWORD = "a long enough password"
BROWSER = {"Sec-Fetch-Site": "same-origin"}
SESSION = "/api/v1/session"


@dataclass
class Somebody:
    """A person who is signed in."""

    browser: httpx.AsyncClient
    email: str
    session: dict[str, Any]

    @property
    def id(self) -> str:
        """The person's id."""
        return str(self.session["person_id"])


def new_browser(transport: httpx.ASGITransport) -> httpx.AsyncClient:
    """Return a browser without a cookie."""
    return httpx.AsyncClient(transport=transport, base_url=HOST, headers=BROWSER)


async def invited(inviting: httpx.AsyncClient, organisation: str, email: str, role: str, **more: Any) -> str:
    """Invite somebody and return the token."""
    body = {"email": email, "role": role} | more
    made = await created(inviting, f"/organisations/{organisation}/invitations", body)
    return str(made["link"]).partition("#token=")[2]


async def join(
    transport: httpx.ASGITransport,
    inviting: httpx.AsyncClient,
    organisation: str,
    email: str,
    role: str,
    **more: Any,
) -> Somebody:
    """Invite somebody who has no account, and accept."""
    token = await invited(inviting, organisation, email, role, **more)
    browser = new_browser(transport)
    body = {"token": token, "name": email.partition("@")[0], "password": PASSWORD}
    answer = await browser.post("/api/v1/invitations/accept", json=body)
    assert answer.status_code == 200, answer.text
    return Somebody(browser, email, answer.json())


def personal_key(organisation: str, email: str, role: Role) -> str:
    """Insert a member without a password, and return a personal API key with all scopes."""
    with sync_session() as session:
        person = Person(email=email, name=email.partition("@")[0])
        session.add(person)
        session.flush()
        owner = {"organisation_id": parse_id("org", organisation), "person_id": person.id}
        membership = Membership(**owner, role=role)
        session.add(membership)
        session.flush()
        text = new_api_key()
        secret = {"key_hash": api_key_hash(text), "last4": text[-4:], "scopes": [scope.value for scope in ALL_SCOPES]}
        session.add(ApiKey(**owner, **secret, membership_id=membership.id, name=email))
    return text
