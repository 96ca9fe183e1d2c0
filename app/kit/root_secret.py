"""The root secret of an installation, from the environment or created in the data folder."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from app.settings import settings

SECRET_BYTES = 32


class BadSecretError(RuntimeError):
    """The root secret is not 32 bytes in hex."""


def root_secret() -> bytes:
    """Return the 32 bytes from which all keys are derived.

    Losing them makes API keys and stored images unusable.
    """
    given = settings().secret_key
    if given is not None:
        return parse_secret(given, "EXHUME_SECRET_KEY")
    path = settings().data_dir / "secret.key"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        _create(path)
        changed = path.stat().st_mtime_ns
    return _of_file(path, changed)


@lru_cache(maxsize=4)
def _of_file(path: Path, changed: int) -> bytes:
    """Read a file once, as the keys of every request are derived from it."""
    return parse_secret(path.read_text(), str(path))


def _create(path: Path) -> None:
    """Write the file and link it into place, so that one of two concurrent starts wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return  # the other process was first and its secret is used
    finally:
        draft.unlink()


def parse_secret(text: str, where: str) -> bytes:
    """Return the 32 bytes of a secret in hex. Raises `BadSecretError`, which names `where`."""
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError as error:
        raise BadSecretError(
            f"{where} must be {SECRET_BYTES} bytes in hex (create one: openssl rand -hex 32)"
        ) from error
    if len(secret) != SECRET_BYTES:
        raise BadSecretError(
            f"{where} has {len(secret)} bytes but needs {SECRET_BYTES} (create one: openssl rand -hex 32)"
        )
    return secret
