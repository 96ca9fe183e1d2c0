"""The first organisation, and the credentials of the operator, which `exhume up` creates.

Synchronous, because there is no request.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import api_key_hash, link_hash, new_api_key, new_token
from app.db.models import ApiKey, Organisation, SignInLink
from app.db.models.organisation import DEFAULT_NAME
from app.settings import settings


def default_organisation(session: Session) -> UUID:
    """Return the organisation of projects that the operator creates. The first call creates it."""
    named = select(Organisation.id).where(Organisation.name == DEFAULT_NAME)
    found = session.scalars(named).one_or_none()
    if found is None:
        session.execute(insert(Organisation).values(name=DEFAULT_NAME).on_conflict_do_nothing())
        found = session.scalars(named).one()
    return found


def create_sign_in_link(session: Session) -> str:
    """Return the token of a link that signs one browser in as the operator.

    The link works once, within the lifetime of a session.
    """
    token = new_token()
    expires = datetime.now(UTC) + timedelta(hours=settings().session_hours)
    session.add(SignInLink(token_hash=link_hash(token), expires_at=expires))
    session.flush()
    return token


def create_admin_key(session: Session, name: str) -> str:
    """Return a new key of the operator. An earlier key of that name stops working."""
    now = datetime.now(UTC)
    same = (ApiKey.organisation_id.is_(None), ApiKey.name == name, ApiKey.revoked_at.is_(None))
    session.execute(update(ApiKey).where(*same).values(revoked_at=now))
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
