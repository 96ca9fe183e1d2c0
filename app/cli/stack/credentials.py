"""The first keys: a one-time sign-in link for the browser and an administrator's key for the local command line."""

import hashlib
import socket
from pathlib import Path

from app.auth.bootstrap import create_admin_key, create_sign_in_link
from app.db.session import sync_session


def new_sign_in_token() -> str:
    """The secret part of a link that signs one browser in, once."""
    with sync_session() as session:
        return create_sign_in_link(session)


def new_admin_key(data_dir: Path) -> str:
    """A key for commands on this machine; the one that an earlier start gave this data folder stops working."""
    folder = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:8]
    with sync_session() as session:
        return create_admin_key(session, f"command line on {socket.gethostname()[:60]} ({folder})")
