"""Objects of the store as a worker reads them."""

from pathlib import Path

from app.db.session import sync_session
from app.storage.store import store
from app.vault import objects, quarantine
from app.vault.arriving import MAGIC
from app.vault.keys import find_key


def fetched(name: str, path: Path) -> Path:
    """Decrypt an object into a file."""
    with sync_session() as session:
        key = find_key(session, name)
    objects.read(name, path, key)
    return path


def quarantined(name: str) -> bytes:
    """Return what a file in quarantine holds. It must be sealed."""
    assert store().part(name, 0, len(MAGIC)) == MAGIC
    return b"".join(objects.stream(name, quarantine.key_of(name)))
