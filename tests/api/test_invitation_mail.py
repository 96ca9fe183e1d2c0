"""Invitations are sent by e-mail where there is a mail server, and lose nothing where it fails."""

from collections.abc import Iterator

import httpx
import pytest

from app.settings import settings
from tests.api.conftest import created
from tests.api.people import Somebody, new_browser
from tests.api.receivers import MailServer, serving
from tests.api.test_people import acme, dana  # noqa: F401 - fixtures of an organisation and its administrator


@pytest.fixture
def mail(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the service uses."""
    server = MailServer()
    for name, value in (("host", "127.0.0.1"), ("port", server.port), ("security", "none")):
        monkeypatch.setattr(settings(), f"smtp_{name}", value)
    with serving(server):
        yield server


async def test_the_link_is_sent_and_a_failure_is_kept(
    transport: httpx.ASGITransport,
    dana: Somebody,  # noqa: F811
    acme: str,  # noqa: F811
    mail: MailServer,
) -> None:
    path = f"/organisations/{acme}/invitations"
    made = await created(dana.browser, path, {"email": "eve@acme.example", "role": "viewer"})
    [text] = mail.messages
    assert made["mailed"]
    assert "To: eve@acme.example" in text
    assert "dana@acme.example invites you to acme" in text
    assert made["link"].rpartition("/")[2] in text.replace("=\r\n", "").replace("=3D", "=")
    odd = await created(dana.browser, path, {"email": "a@[", "role": "viewer"})
    [unsent] = [one for one in (await dana.browser.get(f"/api/v1{path}")).json()["items"] if one["id"] == odd["id"]]
    assert "not an address" in unsent["mail_problem"]
    mail.refuses = True
    lost = await created(dana.browser, path, {"email": "mallory@acme.example", "role": "viewer"})
    failed, _, sent = (await dana.browser.get(f"/api/v1{path}")).json()["items"][:3]
    assert sent["mailed_at"]
    assert failed["mailed_at"] is None
    assert "nobody here" in failed["mail_problem"]
    body = {"token": lost["link"].partition("#token=")[2], "name": "Mallory", "password": "a long enough password"}
    assert (await new_browser(transport).post("/api/v1/invitations/accept", json=body)).status_code == 200
