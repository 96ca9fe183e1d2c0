"""Entries of blind line-ups in the audit log, which tell a reviewer who reads them nothing.

An entry names each picture by a digest keyed with the seed of the line-up. With the seed, which
the entry of a deletion has, anybody finds the entries of a picture.
"""

import hmac
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.subject import Subject
from app.db.models import BlindLineUp
from app.kit.ids import public_id

ITEM_SHOWN = "blind_line_up.item_shown"
DELETED = "blind_line_up.deleted"


def keyed(seed: str, picture: str) -> str:
    """Return how entries name a picture: HMAC-SHA256 of its id, as 64 hexadecimal digits.

    Args:
        picture: such as `rec_...`, or `dst_.../7` for the image 7 of a data set.
    """
    return hmac.digest(seed.encode(), picture.encode(), "sha256").hex()


async def write(
    session: AsyncSession, subject: Subject, action: str, line_up: BlindLineUp, details: dict[str, Any] | None = None
) -> None:
    """Append an entry about a line-up."""
    await audit_log.write(
        session,
        subject,
        action,
        public_id("blu", line_up.id),
        project_id=line_up.project_id,
        details={"audit": public_id("aud", line_up.audit_id), **(details or {})},
    )
