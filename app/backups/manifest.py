"""The list of what a backup holds: `manifest.json` in its folder, written last."""

import hashlib
import os
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from app.backups.errors import BackupError
from app.kit.crypto import subkey

FORMAT = "exhume-backup/1"
NAME, DATABASE, OBJECTS = "manifest.json", "database.dump", "store"
CHUNK_BYTES = 1024 * 1024


class Part(BaseModel):
    """A file of a backup. `key` is its place in the folder or in the object store."""

    key: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds."""

    format: str = FORMAT
    created_at: str
    version: str
    revision: str
    secret: str = Field(description="Fingerprint of the root secret, without which the backup cannot be used.")
    database: Part
    objects: list[Part]
    missing: list[str] = Field(description="Objects that the database names and the store did not have.")


def write(folder: Path, manifest: Manifest) -> None:
    """Write the list so that it is on the disk before the backup counts as one."""
    with (folder / NAME).open("w") as file:
        file.write(manifest.model_dump_json(indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """Return the list of a backup."""
    try:
        found = Manifest.model_validate_json((folder / NAME).read_text())
    except (OSError, ValidationError) as error:
        raise BackupError(f"{folder} is not a backup: {NAME} is missing or damaged.") from error
    if found.format != FORMAT:
        raise BackupError(f"{folder} has the format {found.format}, but this version reads {FORMAT}.")
    return found


def fingerprint() -> str:
    """Return the fingerprint of this installation's root secret."""
    return hashlib.sha256(subkey("backup")).hexdigest()[:16]


def part_of(path: Path, key: str) -> Part:
    """Describe a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return Part(key=key, bytes=path.stat().st_size, sha256=digest.hexdigest())


def place(folder: Path, key: str) -> Path:
    """Return the file of an object. A key that leads out of the folder is rejected."""
    root = (folder / OBJECTS).resolve()
    path = (root / key).resolve()
    if not path.is_relative_to(root):
        raise BackupError(f"The backup names an object outside its folder: {key!r}.")
    return path
