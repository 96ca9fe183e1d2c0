"""The first keys: a one-time sign-in link for the browser and an administrator's key for the local command line."""

import hashlib
import socket
from pathlib import Path

from sqlalchemy import func, update

from app.auth.bootstrap import create_admin_key, create_sign_in_link
from app.db.models import ApiKey
from app.db.session import sync_session


def issue(data_dir: Path) -> tuple[str, str]:
    """A sign-in token and an admin key. The key that an earlier start gave this data folder is revoked."""
    folder = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:8]
    name = f"command line on {socket.gethostname()[:60]} ({folder})"
    with sync_session() as session:
        session.execute(
            update(ApiKey)
            .where(ApiKey.name == name, ApiKey.project_id.is_(None), ApiKey.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )
        return create_sign_in_link(session), create_admin_key(session, name)
