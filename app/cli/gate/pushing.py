"""Brings the checkpoint and the data sets to the server, unless it has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli import bars, waiting
from app.cli.gate.alike import described_alike
from app.cli.gate_file.manifest import DataSet
from app.cli.gate_file.mistakes import GateFileError
from app.cli.gate_file.reading import GateFile
from app.cli.terminal import err
from app.formats.local_files import one_file
from exhume import Client, ConflictError, Dataset, FileRejectedError, Release, sha256_of
from exhume.documents import Role

PREFIX = "sha256:"
LABEL_DIGITS = 12


@dataclass(frozen=True)
class Pushed:
    """What an audit needs, on the server."""

    release: Release
    sets: dict[Role, Dataset]


def push(client: Client, file: GateFile, project: str, target: str) -> Pushed:
    """Send what the server does not have. Raises `GateFileError` or an error of the client."""
    release = push_checkpoint(client, file, project, target)
    named: dict[Role, DataSet | None] = {
        "public": file.manifest.data.public,
        "private": file.manifest.data.private,
        "gallery": file.manifest.data.gallery,
    }
    sets = {role: push_set(client, file, project, role, one) for role, one in named.items() if one is not None}
    return Pushed(release, sets)


def push_checkpoint(client: Client, file: GateFile, project: str, target: str) -> Release:
    """Return the release of the checkpoint, which may exist already."""
    checkpoint, description = file.manifest.checkpoint, file.description()
    if checkpoint.address is not None:
        digest = checkpoint.digest.removeprefix(PREFIX) if checkpoint.digest else None
        found = _known(client, project, target, digest, description) if digest else None
        return found or _imported(client, file, project, target, digest, description)
    with local_checkpoint(file) as path:
        digest = sha256_of(path)
        check_digest(file, digest)
        found = _known(client, project, target, digest, description)
        if found is not None:
            err.say(f"{found.label} is on the server already.")
            return found
        _preflight(client, path, description)
        more = {"sha256": digest, "size_bytes": path.stat().st_size}
        release = _created(client, project, target, checkpoint.version or digest[:LABEL_DIGITS], description, more)
        if client.reuse(release, digest):
            return client.until_ready(release)
        waiting.upload(client, release.path, path, digest)
        return client.until_ready(release)


@contextmanager
def local_checkpoint(file: GateFile) -> Iterator[Path]:
    """Yield the file to send: the checkpoint, or its shards in one archive."""
    path = file.beside(file.manifest.checkpoint.path or "")
    if not path.is_file():
        raise GateFileError([f"{_at(file, 'path')}: {path} does not exist."])
    try:
        with one_file(path) as packed:
            yield packed
    except ValueError as error:
        raise GateFileError([f"{_at(file, 'path')}: cannot pack {path}: {error}."]) from error


def check_digest(file: GateFile, digest: str) -> None:
    """Compare the digest of the checkpoint with that of the gate file."""
    stated = file.manifest.checkpoint.digest
    if stated is None:
        err.say(f"{file.path} does not state the digest of the checkpoint. `exhume gate --update-digest` writes it.")
    elif stated != PREFIX + digest:
        raise GateFileError(
            [
                f"{_at(file, 'digest')}: the checkpoint is {PREFIX}{digest}, and the gate file states {stated}. If the "
                "checkpoint is the one to audit, run `exhume gate --update-digest` and commit the change."
            ]
        )


def push_set(client: Client, file: GateFile, project: str, role: Role, wanted: DataSet) -> Dataset:
    """Return a data set by its name. Its file is sent if the server does not have it."""
    name = wanted.name or Path(wanted.file or "").stem
    known = {one.name: one for one in client.datasets(project) if one.role == role and one.state != "refused"}
    if wanted.file is None:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise GateFileError([f"{file.path}: there is no {role} data set named {name!r}. The server has {listed}."])
        return known[name]
    path = file.beside(wanted.file)
    if not path.is_file():
        raise GateFileError([f"{file.path}: the {role} data set {path} does not exist."])
    digest = sha256_of(path)
    for label in (name, f"{name}-{digest[:8]}"):
        found = known.get(label)
        if found is not None and found.sha256 == digest:
            return client.until_ready(found)
        if found is None or found.state == "awaiting_upload":
            return _sent_set(client, found or client.create_dataset(project, label, role), path, digest)
    raise GateFileError([f"{file.path}: the names {name!r} and {name}-{digest[:8]!r} are taken by other data sets."])


def _sent_set(client: Client, created: Dataset, path: Path, digest: str) -> Dataset:
    waiting.upload(client, created.path, path, digest)
    ready = client.until_ready(created)
    err.say(*(f"{ready.name}: {note}" for note in ready.notes or []))
    return ready


def _known(client: Client, project: str, target: str, digest: str, description: dict[str, Any]) -> Release | None:
    """Return the newest release of the target with this file and description."""
    for listed in client.releases(project):
        same = (listed.target_id, listed.sha256, listed.twin_of) == (target, digest, None)
        if same and listed.state in {"ready", "checking"}:
            release = client.release(listed.id)
            if described_alike(release, description):
                return client.until_ready(release)
    return None


def _preflight(client: Client, path: Path, description: dict[str, Any]) -> None:
    answer = client.preflight(path, description)
    if answer["verdict"] == "refused":
        raise FileRejectedError(path.name, answer["problem"] or {})


def _created(
    client: Client, project: str, target: str, version: str, description: dict[str, Any], more: dict[str, Any]
) -> Release:
    """Create a release. A number is added to a version that another file or description has."""
    tried = 1
    while True:
        label = version if tried == 1 else f"{version}-{tried}"
        try:
            made = client.create_release(target, label, description, **more)
            if tried > 1:
                err.say(f"The version {version} is that of another release. This one is {label}.")
            return made
        except ConflictError as error:
            if error.code != "version_taken":
                raise
            for listed in client.releases(project):
                waits = (listed.target_id, listed.version, listed.state) == (target, label, "awaiting_upload")
                if waits and listed.sha256 == more["sha256"]:
                    known = client.release(listed.id)
                    if described_alike(known, description):
                        return known
        tried += 1


def _imported(
    client: Client, file: GateFile, project: str, target: str, digest: str | None, description: dict[str, Any]
) -> Release:
    checkpoint = file.manifest.checkpoint
    address = checkpoint.address or ""
    version = checkpoint.version or (digest[:LABEL_DIGITS] if digest else address.rpartition("@")[2][:LABEL_DIGITS])
    release = _created(client, project, target, version, description, {"sha256": digest})
    with bars.of_bytes() as progress:
        bar = progress.add_task(f"import {address}", total=None)
        ready = client.import_file(
            release,
            address,
            sha256=digest,
            progress=lambda one: progress.update(bar, completed=one.received, total=one.length or None),
        )
    if digest is None:
        err.say(f"The checkpoint is {PREFIX}{ready.sha256}. `exhume gate --update-digest` records it.")
    return ready


def _at(file: GateFile, key: str) -> str:
    place = file.document.place(("checkpoint", key))
    return f"{file.path}:{place.line}:{place.column}"
