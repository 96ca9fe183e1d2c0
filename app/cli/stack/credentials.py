"""First credentials: a one-time sign-in link, and an operator's key for local commands."""

import hashlib
import socket
from pathlib import Path

from app.auth.bootstrap import create_admin_key, create_sign_in_link
from app.db.session import sync_session


def new_sign_in_token() -> str:
    """Return the secret part of a link that signs one browser in, once."""
    with sync_session() as session:
        return create_sign_in_link(session)


def new_admin_key(data_dir: Path) -> str:
    """Return a key for commands on this machine. The key of an earlier start stops working."""
    folder = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:8]
    with sync_session() as session:
        return create_admin_key(session, f"command line on {socket.gethostname()[:60]} ({folder})")
