"""Sends the links of invitations that wait to be sent by e-mail, and records every attempt.

The waits between attempts are those of webhooks. As there, an invitation is claimed before it is
sent, so that a process that dies in between leaves it to be sent again.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Invitation, Organisation
from app.db.session import sync_session
from app.kit.crypto import UnsealError
from app.notifications.delivering import AT_ONCE, BACK_OFF, CLAIMED
from app.organisations import mailing
from app.outbound import smtp

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """What the message of an invitation is made from."""

    id: UUID
    to: str
    organisation: str
    invited_by: str
    link: str
    expires_at: datetime


def claim(session: Session, now: datetime) -> list[Letter]:
    """Take invitations that are due, so that no other process sends them now."""
    statement = (
        select(Invitation, Organisation.name)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.mail_next_at <= now)
        .order_by(Invitation.mail_next_at)
        .limit(AT_ONCE)
        .with_for_update(of=Invitation, skip_locked=True)
    )
    found = []
    for row, organisation in session.execute(statement).all():
        if row.expires_at <= now:
            mailing.end(row)
            continue
        row.mail_attempts += 1
        row.mail_next_at = now + CLAIMED
        try:
            link = mailing.link_of(row)
        except UnsealError as error:
            row.mail_problem = str(error)
            mailing.end(row)
            continue
        found.append(Letter(row.id, row.email, organisation, row.invited_by, link, row.expires_at))
    return found


async def send(letter: Letter) -> smtp.MailError | None:
    """Make and send a message. Returns why it was not sent."""
    try:
        made = mailing.message(letter.to, letter.organisation, letter.invited_by, letter.link, letter.expires_at)
        await asyncio.to_thread(smtp.send, made)
    except smtp.MailError as error:
        return error
    return None


def record(session: Session, invitation_id: UUID, problem: smtp.MailError | None, now: datetime) -> None:
    """Record an attempt: sent, to be repeated, or given up."""
    row = session.get(Invitation, invitation_id, with_for_update=True)
    if row is None:
        return
    row.mail_problem = None if problem is None else str(problem)
    if problem is None:
        row.mailed_at = now
        mailing.end(row)
    elif isinstance(problem, smtp.AddressError) or row.mail_attempts > len(BACK_OFF):
        mailing.end(row)
    elif row.mail_link is not None:  # neither accepted nor withdrawn meanwhile
        row.mail_next_at = now + BACK_OFF[row.mail_attempts - 1]
    log.info("invitations.attempt", invitation=str(invitation_id), error=row.mail_problem, next_at=row.mail_next_at)


async def round_of() -> int:
    """Send what is due. Returns the number of attempts."""
    with sync_session() as session:
        claimed = claim(session, datetime.now(UTC))
    problems = await asyncio.gather(*map(send, claimed))
    for letter, problem in zip(claimed, problems, strict=True):
        with sync_session() as session:
            record(session, letter.id, problem, datetime.now(UTC))
    return len(claimed)
