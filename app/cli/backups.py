"""`exhume backup` and `exhume restore`: database and object store together."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.stack.state import published
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.settings import settings


def backup(
    path: Annotated[Path, typer.Argument(help="Folder of the backup. It must not exist, except with --check.")],
    check: Annotated[bool, typer.Option("--check", help="Verify the files of a backup. Makes none.")] = False,
) -> None:
    """Back up the database and the object store into a folder.

    The service may be running. The root secret is not part of the backup: keep it elsewhere.
    --check ends with 1 if a file of the backup is missing or damaged.
    """
    from app.backups import making
    from app.backups.manifest import read
    from app.storage.store import store

    with explained():
        if check:
            wrong = making.check(path, read(path))
            _end_with(f"{key}: missing or damaged." for key in wrong)
            out.say("Every file of the backup is as it was made.")
            return
        with database() as url:
            made = making.make(url, store(), path)
    size = made.database.bytes + sum(one.bytes for one in made.objects)
    out.say(f"{path}: the database and {len(made.objects)} objects, {size / 1e6:,.1f} MB, at {made.revision}.")
    err.say(*(f"The object {key} is named by the database, but the store does not have it." for key in made.missing))
    err.say("Keep a copy of the root secret, apart from the backup. The backup cannot be read without it.")


def restore(
    path: Annotated[Path, typer.Argument(help="Folder of the backup.", exists=True, file_okay=False)],
) -> None:
    """Restore a backup into an empty installation and verify it.

    Needs an empty data folder or database, no running service, and the root secret with which the
    backup was made.
    """
    from app.backups import restoring
    from app.backups.manifest import read
    from app.storage.store import store

    with explained():
        manifest = read(path)
        if published(settings().data_dir) is not None and settings().database_url is None:
            err.say("The service runs with this data folder. Stop it first: exhume stop")
            raise typer.Exit(Exit.USAGE)
        with database() as url:
            wrong = restoring.restore(url, store(), path, manifest)
    out.say(f"Restored the database and {len(manifest.objects)} objects, backed up at {manifest.created_at}.")
    _end_with(wrong)
    out.say("Every object that the database names is there, and every key of a project opens.")


@contextmanager
def database() -> Iterator[str]:
    """Yield the address of the database: `DATABASE_URL`, a running stack's, or its own."""
    from app.embedded import servers

    current, running = settings(), published(settings().data_dir)
    if current.database_url is not None:
        yield current.database_url
    elif running is not None:
        yield running["database_url"]
    else:
        with servers(current.data_dir, valkey=False) as own:
            yield own.database_url


@contextmanager
def explained() -> Iterator[None]:
    """Print why a backup cannot be made or restored, and end the command."""
    from sqlalchemy.exc import OperationalError

    from app.backups.errors import BackupError
    from app.db.session import NoDatabaseError
    from app.embedded import EmbeddedServerError

    try:
        yield
    except (BackupError, EmbeddedServerError, NoDatabaseError) as error:
        err.block(str(error))
        raise typer.Exit(Exit.USAGE) from error
    except OperationalError as error:
        err.say(f"The database does not answer: {str(error.orig).strip()}")
        raise typer.Exit(Exit.AUDIT_ERROR) from error


def _end_with(wrong: Iterable[str]) -> None:
    """Print what is wrong and end the command, if anything is."""
    lines = list(wrong)
    if lines:
        err.say(*lines)
        raise typer.Exit(Exit.GATE_FAILED)
