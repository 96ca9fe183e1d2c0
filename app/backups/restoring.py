"""Restoring a backup into an empty installation, and verifying what was restored."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.backups import tools
from app.backups.errors import BackupError
from app.backups.manifest import DATABASE, Manifest, fingerprint, part_of, place
from app.backups.references import referenced
from app.db.migrate import upgrade
from app.db.models import ProjectKey
from app.db.revisions import known
from app.db.session import sqlalchemy_url
from app.kit.crypto import UnsealError
from app.storage.store import Store
from app.vault.keys import open_project_key


def restore(url: str, store: Store, folder: Path, manifest: Manifest) -> list[str]:
    """Restore a backup and migrate it to this version. Return what is wrong with the result.

    Objects come first, the database last and in one transaction: a restoration that fails can be
    repeated. Raises `BackupError`.
    """
    _check_secret(manifest)
    _check_revision(manifest)
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise BackupError("The database is not empty. Restore into a new data folder or an empty database.")
    dump = folder / DATABASE
    if part_of(dump, DATABASE) != manifest.database:
        raise BackupError(f"{dump} is not what was backed up: its SHA-256 differs.")
    for one in manifest.objects:
        if store.upload(place(folder, one.key), one.key) != one.sha256:
            store.delete(one.key)
            raise BackupError(f"The object {one.key} is not what was backed up: its SHA-256 differs.")
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    tools.run("pg_restore", url, *options, dump)
    upgrade(url)
    with engine.connect() as connection:
        wrong = _wrong(connection, store, manifest)
    engine.dispose()
    return wrong


def _wrong(connection: Connection, store: Store, manifest: Manifest) -> list[str]:
    """Return what a restored installation cannot do."""
    known = {one.key for one in manifest.objects}
    lost = sorted(key for key in referenced(connection) - known if not store.exists(key))
    wrong = [f"The object {key} was missing when the backup was made." for key in lost]
    with Session(connection) as session:
        for key in session.scalars(select(ProjectKey)):
            try:
                open_project_key(key)
            except UnsealError:
                wrong.append(f"The key {key.number} of project {key.project_id} cannot be opened.")
    return wrong


def _check_secret(manifest: Manifest) -> None:
    if manifest.secret != fingerprint():
        raise BackupError(
            "The backup was made with another root secret. Set EXHUME_SECRET_KEY to that secret, or put its file "
            "`secret.key` into the data folder, and restore again."
        )


def _check_revision(manifest: Manifest) -> None:
    if manifest.revision not in known():
        raise BackupError(
            f"The backup was made by Exhume {manifest.version}, whose database this version does not know "
            f"({manifest.revision}). Install that version or a newer one."
        )
