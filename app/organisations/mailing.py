"""Invitations by e-mail, where the operator has a mail server.

A message is sent once the invitation is stored. Nothing depends on it: the link is also shown.
"""

from collections.abc import Callable
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
    """Return the message of an invitation. Raises: MailError."""
    who, organisation = smtp.one_line(invited_by.partition(":")[2] or invited_by), smtp.one_line(organisation)
    return smtp.compose(
        to,
        f"Invitation to {organisation} on Exhume",
        f"{who} invites you to {organisation} on Exhume.\n\n"
        f"Accept the invitation here:\n\n{link}\n\n"
        f"The link works once, until {expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC. "
        "If you do not expect an invitation, ignore this message.\n",
    )


async def send(invitation_id: UUID, made: Callable[[], EmailMessage]) -> None:
    """Make and send the message, and record when that was done or why it was not."""
    problem = None
    try:
        await anyio.to_thread.run_sync(smtp.send, made())
    except smtp.MailError as error:
        problem = str(error)
    async with async_session() as session:
        row = await session.get(Invitation, invitation_id)
        if row is not None:
            row.mailed_at, row.mail_problem = (datetime.now(UTC) if problem is None else None), problem
