"""Objects of the store as files of a job: sealed when they are written, opened when read."""

from pathlib import Path

from app.storage import store
from app.vault import objects
from app.vault.keys import destroy_keys, find_key, make_key
from worker.job.context import StageContext


def download(context: StageContext, name: str, path: Path) -> None:
    """Write an object to a file of the scratch folder.

    Raises: MissingObjectError, also when its key was destroyed.
    """
    objects.read(name, path, context.read(lambda session: find_key(session, name)))


def upload(context: StageContext, path: Path, name: str) -> str:
    """Seal a file into the store. Returns the SHA-256 of the file in hex."""
    key = context.write(lambda session: make_key(session, context.claim.project_id, name))
    return objects.write(path, name, key)


def delete(context: StageContext, name: str) -> None:
    """Destroy the key of an object, then remove it."""
    context.write(lambda session: destroy_keys(session, [name]))
    store().delete(name)
