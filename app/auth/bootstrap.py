"""First credentials, which `exhume up` creates for the person at the terminal.

Synchronous, because there is no request.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import api_key_hash, link_hash, new_api_key, new_token
from app.db.models import ApiKey, SignInLink
from app.settings import settings


def create_sign_in_link(session: Session) -> str:
    """Return the token of a link that signs one browser in as administrator.

    The link works once, within the lifetime of a session.
    """
    token = new_token()
    expires = datetime.now(UTC) + timedelta(hours=settings().session_hours)
    session.add(SignInLink(token_hash=link_hash(token), expires_at=expires))
    session.flush()
    return token


def create_admin_key(session: Session, name: str) -> str:
    """Return a new administrator's key. An earlier key of that name stops working."""
    now = datetime.now(UTC)
    earlier = update(ApiKey).where(ApiKey.project_id.is_(None), ApiKey.name == name, ApiKey.revoked_at.is_(None))
    session.execute(earlier.values(revoked_at=now))
    text = new_api_key()
    session.add(
        ApiKey(
            project_id=None,
            name=name,
            key_hash=api_key_hash(text),
            last4=text[-4:],
            scopes=[scope.value for scope in ALL_SCOPES],
        )
    )
    session.flush()
    return text
