"""Invitations by e-mail, where the operator has a mail server: the queue and the message.

The request that makes an invitation stores the link, sealed, and waits for no mail server. The
scheduler sends what is due (`app.notifications.invitations`). Nothing depends on the message: the
link is also shown.
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

from app.db.models import Invitation
from app.kit.crypto import seal, subkey, unseal
from app.outbound import smtp
from app.settings import settings

PURPOSE = "invitation-mail"


def configured() -> bool:
    """Tell whether there is a mail server."""
    return settings().smtp_host is not None


def queue(invitation: Invitation, link: str) -> None:
    """Let the link be sent at once. The invitation must have an id."""
    invitation.mail_link = seal(subkey(PURPOSE), link.encode(), _context(invitation.id))
    invitation.mail_next_at = datetime.now(UTC)


def link_of(invitation: Invitation) -> str:
    """Return the link that waits to be sent. Raises: UnsealError."""
    return unseal(subkey(PURPOSE), invitation.mail_link or b"", _context(invitation.id)).decode()


def end(invitation: Invitation) -> None:
    """Send the link no more, and forget it."""
    invitation.mail_link = invitation.mail_next_at = None


def message(to: str, organisation: str, invited_by: str, link: str, expires_at: datetime) -> EmailMessage:
    """Return the message of an invitation. Raises: AddressError."""
    who, organisation = smtp.one_line(invited_by.partition(":")[2] or invited_by), smtp.one_line(organisation)
    return smtp.compose(
        to,
        f"Invitation to {organisation} on Exhume",
        f"{who} invites you to {organisation} on Exhume.\n\n"
        f"Accept the invitation here:\n\n{link}\n\n"
        f"The link works once, until {expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC. "
        "If you do not expect an invitation, ignore this message.\n",
    )


def _context(invitation_id: UUID) -> str:
    return f"exhume/invitation-mail/{invitation_id}"
