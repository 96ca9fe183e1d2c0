"""Invitations are sent by e-mail from a queue, where there is a mail server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.db.models import Invitation
from app.db.session import sync_session
from app.notifications.delivering import BACK_OFF
from app.notifications.invitations import claim, record, round_of
from app.outbound.smtp import MailError
from app.settings import settings
from tests.api.conftest import created
from tests.api.people import Somebody, new_browser
from tests.api.receivers import MailServer, serving
from tests.api.seeds import uuid_of
from tests.api.test_people import acme, dana  # noqa: F401 - fixtures of an organisation and its administrator


@pytest.fixture
def mail(settings_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the service uses."""
    server = MailServer()
    for name, value in (("host", "127.0.0.1"), ("port", server.port), ("security", "none")):
        monkeypatch.setattr(settings(), f"smtp_{name}", value)
    with serving(server):
        yield server


@pytest.fixture
def path(acme: str) -> str:  # noqa: F811
    return f"/organisations/{acme}/invitations"


async def invited(dana: Somebody, path: str, email: str = "eve@acme.example") -> dict[str, Any]:  # noqa: F811
    return await created(dana.browser, path, {"email": email, "role": "viewer"})


async def stored(dana: Somebody, path: str, made: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    rows = (await dana.browser.get(f"/api/v1{path}")).json()["items"]
    return next(row for row in rows if row["id"] == made["id"])


def change(**values: Any) -> None:
    """Change every invitation that waits to be sent."""
    with sync_session() as session:
        session.execute(update(Invitation).where(Invitation.mail_next_at.is_not(None)).values(**values))


async def accepted(transport: httpx.ASGITransport, made: dict[str, Any]) -> int:
    body = {"token": made["link"].partition("#token=")[2], "name": "Eve", "password": "a long enough password"}
    return (await new_browser(transport).post("/api/v1/invitations/accept", json=body)).status_code


async def test_the_link_is_sent_after_the_request(dana: Somebody, path: str, mail: MailServer) -> None:  # noqa: F811
    made = await invited(dana, path)
    assert made["mailed"]
    assert mail.messages == []  # the request waits for no mail server
    assert await round_of() == 1
    assert await round_of() == 0
    [text] = mail.messages
    assert "To: eve@acme.example" in text
    assert "dana@acme.example invites you to acme" in text
    assert made["link"].rpartition("/")[2] in text.replace("=\r\n", "").replace("=3D", "=")
    row = await stored(dana, path, made)
    assert row["mailed_at"]
    assert (row["mail_problem"], row["mail_attempts"], row["mail_next_at"]) == (None, 1, None)
    with sync_session() as session:
        kept = session.get_one(Invitation, uuid_of(made["id"]))
        assert kept.mail_link is None


async def test_a_message_that_is_rejected_is_sent_again_with_back_off_until_the_end(
    transport: httpx.ASGITransport,
    dana: Somebody,  # noqa: F811
    path: str,
    mail: MailServer,
) -> None:
    made = await invited(dana, path)
    mail.refuses = True
    for wait in BACK_OFF:
        assert await round_of() == 1
        row = await stored(dana, path, made)
        assert "nobody here" in row["mail_problem"]
        assert abs(datetime.fromisoformat(row["mail_next_at"]) - datetime.now(UTC) - wait) < timedelta(minutes=1)
        change(mail_next_at=datetime.now(UTC))
    assert await round_of() == 1
    row = await stored(dana, path, made)
    assert (row["mailed_at"], row["mail_attempts"], row["mail_next_at"]) == (None, len(BACK_OFF) + 1, None)
    assert await accepted(transport, made) == 200  # the link that was shown still works


async def test_a_later_attempt_succeeds(dana: Somebody, path: str, mail: MailServer) -> None:  # noqa: F811
    made = await invited(dana, path)
    mail.refuses = True
    await round_of()
    mail.refuses = False
    change(mail_next_at=datetime.now(UTC))
    await round_of()
    row = await stored(dana, path, made)
    assert (bool(row["mailed_at"]), row["mail_problem"], row["mail_attempts"]) == (True, None, 2)


async def test_an_address_that_cannot_be_written_is_not_tried_again(
    dana: Somebody,  # noqa: F811
    path: str,
    mail: MailServer,
) -> None:
    odd = await invited(dana, path, "a@[")
    good = await invited(dana, path)
    assert await round_of() == 2
    row = await stored(dana, path, odd)
    assert "not an address" in row["mail_problem"]
    assert row["mail_next_at"] is None
    assert (await stored(dana, path, good))["mailed_at"]


async def test_an_invitation_that_has_ended_is_not_sent(
    transport: httpx.ASGITransport,
    dana: Somebody,  # noqa: F811
    path: str,
    mail: MailServer,
) -> None:
    used, withdrawn = await invited(dana, path), await invited(dana, path, "mallory@acme.example")
    with sync_session() as session:
        assert len(claim(session, datetime.now(UTC))) == 2
    assert await accepted(transport, used) == 200
    assert (await dana.browser.delete(f"/api/v1/invitations/{withdrawn['id']}")).status_code == 204
    for one in (used, withdrawn):  # an attempt that had begun does not queue it again
        with sync_session() as session:
            record(session, uuid_of(one["id"]), MailError("no answer"), datetime.now(UTC))
    late = await invited(dana, path, "late@acme.example")
    change(expires_at=datetime.now(UTC))
    assert await round_of() == 0
    assert mail.messages == []
    assert [(await stored(dana, path, one))["mail_next_at"] for one in (used, withdrawn, late)] == [None] * 3


async def test_a_link_sealed_under_another_root_secret_is_given_up(
    dana: Somebody,  # noqa: F811
    path: str,
    mail: MailServer,
) -> None:
    made = await invited(dana, path)
    change(mail_link=b"x" * 40)
    assert await round_of() == 0
    row = await stored(dana, path, made)
    assert "another root secret" in row["mail_problem"]
    assert row["mail_next_at"] is None
