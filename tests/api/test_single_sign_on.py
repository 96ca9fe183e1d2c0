"""Signing in at an identity provider, and answers of a provider that are not accepted."""

import base64
import hashlib
import time
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from app.auth import oidc
from app.organisations import single_sign_on
from app.settings import settings
from tests.api.conftest import created, problem
from tests.api.identity_provider import CLIENT, ISSUER, Provider
from tests.api.people import PASSWORD, SESSION, invited, join, new_browser

OIDC = f"{SESSION}/oidc"
DANA = {"sub": "17", "email": "Dana@acme.example", "email_verified": True, "name": "Dana Kim"}


@pytest.fixture
def provider(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider that the settings name."""
    made = Provider(dict(DANA))
    monkeypatch.setattr(oidc, "new_transport", lambda: httpx.MockTransport(made.answer))
    monkeypatch.setenv("EXHUME_OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("EXHUME_OIDC_CLIENT_ID", CLIENT)
    settings.cache_clear()
    return made


async def sign_in(browser: httpx.AsyncClient, provider: Provider, **change: str) -> httpx.Response:
    begun = await browser.get(OIDC)
    assert begun.status_code == 302, begun.text
    query = provider.authorize(begun.headers["location"]) | change
    return await browser.get(f"{OIDC}/callback", params=query, headers={"Sec-Fetch-Site": "cross-site"})


async def test_an_invited_person_signs_in_and_is_known_afterwards(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, provider: Provider
) -> None:
    acme = (await created(admin, "/organisations", {"name": "acme"}))["id"]
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 403, "not_invited")
        await invited(admin, acme, "dana@acme.example", "auditor")
        answer = await sign_in(browser, provider)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await browser.get(SESSION)).json()["subject"] == "person:dana@acme.example"
        me = (await browser.get("/api/v1/me")).json()
        assert (me["name"], me["single_sign_on"], me["has_password"]) == ("Dana Kim", True, False)
        digest = hashlib.sha256(provider.exchanged["code_verifier"].encode()).digest()
        assert provider.asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    provider.claims["email"] = "dana@elsewhere.example"
    async with new_browser(transport) as browser:
        await sign_in(browser, provider)
        assert (await browser.get("/api/v1/me")).json()["email"] == "dana@acme.example"
    provider.claims |= DANA | {"sub": "18"}  # the address belongs to somebody else now
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 403, "not_invited")


@pytest.mark.parametrize(("verified", "status"), [(True, 303), (False, 403), ("true", 403), (None, 403)])
async def test_only_a_verified_address_leads_to_an_account(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, provider: Provider, verified: object, status: int
) -> None:
    acme = (await created(admin, "/organisations", {"name": "acme"}))["id"]
    await join(transport, admin, acme, "dana@acme.example", "viewer")
    provider.claims["email_verified"] = verified
    async with new_browser(transport) as browser:
        assert (await sign_in(browser, provider)).status_code == status


async def test_a_verified_address_ends_what_was_set_before(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, provider: Provider
) -> None:
    """Whoever invites has the link, and may make the account before its owner does."""
    evil, acme = [(await created(admin, "/organisations", {"name": name}))["id"] for name in ("evil", "acme")]
    impostor = await join(transport, admin, evil, "dana@acme.example", "administrator")
    begun = await impostor.browser.post("/api/v1/me/second-factor", json={"password": PASSWORD})
    assert begun.status_code == 200
    await invited(admin, acme, "dana@acme.example", "administrator")
    async with new_browser(transport) as browser:
        assert (await sign_in(browser, provider)).status_code == 303
        me = (await browser.get("/api/v1/me")).json()
        assert (me["id"], len(me["memberships"]), me["has_password"]) == (impostor.id, 2, False)
        problem(await impostor.browser.get(SESSION), 401, "session_ended")
        signing_in = {"email": "dana@acme.example", "password": PASSWORD}
        problem(await browser.post(SESSION, json=signing_in), 401, "bad_password")


async def test_an_address_that_only_looks_the_same_leads_nowhere(
    transport: httpx.ASGITransport, admin: httpx.AsyncClient, provider: Provider
) -> None:
    acme = (await created(admin, "/organisations", {"name": "acme"}))["id"]
    await join(transport, admin, acme, "kim@acme.example", "administrator")
    provider.claims["email"] = "\N{KELVIN SIGN}im@acme.example"
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 403, "not_invited")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 3600},
        {"sub": None},
    ],
)
async def test_a_token_for_something_else_is_rejected(
    transport: httpx.ASGITransport, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 401, "single_sign_on_failed")


async def test_a_forged_token_is_rejected(transport: httpx.ASGITransport, provider: Provider) -> None:
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 401, "single_sign_on_failed")


async def test_an_answer_counts_in_the_browser_that_asked(transport: httpx.ASGITransport, provider: Provider) -> None:
    async with new_browser(transport) as browser, new_browser(transport) as other:
        query = provider.authorize((await other.get(OIDC)).headers["location"])
        problem(await browser.get(f"{OIDC}/callback", params=query), 401, "single_sign_on_failed")
        problem(await sign_in(browser, provider, state="another"), 401, "single_sign_on_failed")


async def test_a_code_is_exchanged_once_even_if_the_transaction_deadlocks(
    transport: httpx.ASGITransport, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    async def deadlock(*_: object) -> None:
        attempts.append(provider.exchanged.pop("code"))
        raise OperationalError("UPDATE person", None, DeadlockDetected())

    monkeypatch.setattr(single_sign_on, "sign_in", deadlock)
    async with new_browser(transport) as browser:
        problem(await sign_in(browser, provider), 503, "database_busy")
    assert attempts == ["a code"]


async def test_without_a_provider_there_is_none(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(f"{SESSION}/ways")).json() == {"single_sign_on": None}
    problem(await anonymous.get(OIDC), 404, "no_identity_provider")


async def test_a_provider_that_does_not_answer(
    anonymous: httpx.AsyncClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "new_transport", lambda: httpx.MockTransport(lambda request: httpx.Response(502)))
    assert (await anonymous.get(f"{SESSION}/ways")).json() == {"single_sign_on": "single sign-on"}
    problem(await anonymous.get(OIDC), 503, "identity_provider_unavailable")
