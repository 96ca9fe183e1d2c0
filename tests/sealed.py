"""Objects of the store as a worker reads them."""

from pathlib import Path

from app.db.session import sync_session
from app.vault import objects
from app.vault.keys import find_key


def fetched(name: str, path: Path) -> Path:
    """Decrypt an object into a file."""
    with sync_session() as session:
        key = find_key(session, name)
    objects.read(name, path, key)
    return path
