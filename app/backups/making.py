"""Making a backup: a dump of the database, and every object of the store."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app import __version__
from app.backups import tools
from app.backups.errors import BackupError
from app.backups.manifest import DATABASE, OBJECTS, Manifest, Part, fingerprint, part_of, place, write
from app.backups.references import referenced
from app.db.migrate import current
from app.db.revisions import newest
from app.db.session import sqlalchemy_url
from app.storage.store import MissingObjectError, Store

SCRATCH = ("probe/", "doctor/")
QUARANTINE = "quarantine/"


def make(url: str, store: Store, folder: Path) -> Manifest:
    """Write a backup to a new folder, while the service runs.

    The dump and the list of objects that rows name are of the same moment. Objects are copied
    afterwards: one that was deleted meanwhile is listed as missing. Raises `BackupError`.
    """
    if folder.exists():
        raise BackupError(f"{folder} exists. Choose a folder that does not.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)  # of an interrupted backup
    partial.mkdir(mode=0o700)
    try:
        revision, named = _dump(url, partial / DATABASE)
        objects = _copy(store, partial, named)
        made = Manifest(
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            revision=revision,
            secret=fingerprint(),
            database=part_of(partial / DATABASE, DATABASE),
            objects=objects,
            missing=sorted(named - {one.key for one in objects}),
        )
        write(partial, made)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return made


def check(folder: Path, manifest: Manifest) -> list[str]:
    """Return the files of a backup that are missing or changed."""
    files = [(folder / DATABASE, manifest.database)]
    files += [(place(folder, one.key), one) for one in manifest.objects]
    return [part.key for path, part in files if not path.is_file() or part_of(path, part.key) != part]


def _dump(url: str, path: Path) -> tuple[str, set[str]]:
    """Dump the database. Return its revision and the objects that it names, of the same moment."""
    engine = create_engine(
        sqlalchemy_url(url), poolclass=NullPool, isolation_level="REPEATABLE READ", hide_parameters=True
    )
    with engine.connect() as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        revision = current(connection)
        if revision is None:
            raise BackupError("The database has no schema of Exhume: there is nothing to back up.")
        if revision != newest():
            raise BackupError(
                f"The database is at {revision}, but this version needs {newest()}. Make the backup with the version "
                "of Exhume that the service runs."
            )
        named = referenced(connection)
        # row-level security hides no row from a dump, but pg_dump must be told to try
        options = ("--format=custom", "--no-owner", "--enable-row-security")
        tools.run("pg_dump", url, *options, f"--snapshot={snapshot}", f"--file={path}")
    engine.dispose()
    return revision, named


def _copy(store: Store, folder: Path, named: set[str]) -> list[Part]:
    """Copy the objects, without scratch objects and uploads that no row names any more."""
    copied = []
    for key in sorted(store.listed("", older_than=datetime.now(UTC))):
        if key.startswith(SCRATCH) or (key.startswith(QUARANTINE) and key not in named):
            continue
        path = place(folder, key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            store.download(key, path)
        except MissingObjectError:
            path.unlink(missing_ok=True)  # deleted since it was listed
            continue
        copied.append(part_of(path, key))
    (folder / OBJECTS).mkdir(exist_ok=True)
    return copied
