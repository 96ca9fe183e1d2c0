"""Invitations by e-mail, where the operator has a mail server.

A message is sent once the invitation is stored. Nothing depends on it: the link is also shown.
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import anyio.to_thread

from app.db.models import Invitation
from app.db.session import async_session
from app.outbound import smtp
from app.settings import settings


def configured() -> bool:
    """Tell whether there is a mail server."""
    return settings().smtp_host is not None


def message(to: str, organisation: str, invited_by: str, link: str, expires_at: datetime) -> EmailMessage:
    """Return the message of an invitation."""
    made = EmailMessage()
    made["From"], made["To"] = settings().smtp_from, to
    made["Subject"] = f"Invitation to {one_line(organisation)} on Exhume"
    who = one_line(invited_by.partition(":")[2] or invited_by)
    made.set_content(
        f"{who} invites you to {one_line(organisation)} on Exhume.\n\n"
        f"Accept the invitation here:\n\n{link}\n\n"
        f"The link works once, until {expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC. "
        "If you do not expect an invitation, ignore this message.\n"
    )
    return made


def one_line(text: str) -> str:
    """Return a text without line breaks, which a header must not have."""
    return " ".join(text.split())


async def send(invitation_id: UUID, sent: EmailMessage) -> None:
    """Send the message, and record when that was done or why it was not."""
    problem = None
    try:
        await anyio.to_thread.run_sync(smtp.send, sent)
    except smtp.MailError as error:
        problem = str(error)
    async with async_session() as session:
        row = await session.get(Invitation, invitation_id)
        if row is not None:
            row.mailed_at, row.mail_problem = (datetime.now(UTC) if problem is None else None), problem
