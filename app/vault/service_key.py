"""The keys of the service, which wrap the keys of projects.

The first wraps, all others only unwrap. A key management service is one more class with the two
methods of `ServiceKey`, returned first by `service_keys`.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.kit.crypto import seal, subkey, unseal
from app.kit.root_secret import parse_secret
from app.settings import settings

ROOT = "root"


class ServiceKey(Protocol):
    """A key that never leaves the service, or never leaves a key management service."""

    @property
    def id(self) -> str:
        """The name that wrapped keys are stored with."""

    def wrap(self, key: bytes, context: str) -> bytes:
        """Encrypt a key."""

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Decrypt a key. Raises `UnsealError`."""


@dataclass(frozen=True)
class LocalKey:
    """A key in the memory of this process."""

    id: str
    secret: bytes = field(repr=False)

    def wrap(self, key: bytes, context: str) -> bytes:
        """Encrypt with AES-GCM."""
        return seal(self.secret, key, context)

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Decrypt with AES-GCM."""
        return unseal(self.secret, wrapped, context)


def service_keys() -> list[ServiceKey]:
    """Return the keys of `EXHUME_WRAPPING_KEY_FILE`, and the one derived from the root secret."""
    return [*_of_file(settings().wrapping_key_file), LocalKey(ROOT, subkey("project-key"))]


def _of_file(path: Path | None) -> list[ServiceKey]:
    if path is None:
        return []
    keys = [parse_secret(line, str(path)) for line in path.read_text().split()]
    return [LocalKey(hashlib.sha256(key).hexdigest()[:16], key) for key in keys]
