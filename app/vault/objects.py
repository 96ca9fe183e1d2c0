"""Sealed objects of the store: written, read whole, and read by ranges.

Objects that were stored before there were keys are not sealed, and are read as they are. They have
no key: an object with one that is not sealed has been replaced.
"""

import hashlib
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, cast

from app.kit.crypto import UnsealError
from app.storage.store import MissingObjectError, store
from app.vault import arriving
from app.vault.chunks import (
    CHUNK_BYTES,
    HEADER_BYTES,
    SEALED_BYTES,
    cipher_of,
    is_sealed,
    salt_of,
    sealed,
    unseal_chunk,
    unsealed,
)


class DestroyedKeyError(MissingObjectError):
    """The object is sealed and its key was destroyed."""


def write(path: Path, name: str, key: bytes) -> str:
    """Seal a file into the store. Returns the SHA-256 of the file in hex."""
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                digest.update(piece)
                yield piece

    store().put(name, sealed(pieces(), key, name))
    return digest.hexdigest()


def read(name: str, path: Path, key: bytes | None) -> None:
    """Write an object to a file, decrypted. There is no file if there is no object.

    Raises: MissingObjectError, also when the key was destroyed; UnsealError when it was altered.
    """
    pieces = stream(name, key)
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def stream(name: str, key: bytes | None) -> Iterator[bytes]:
    """Return an object in pieces, decrypted. Raises what `read` raises."""
    pieces = store().stream(name)
    first = next(pieces, b"")
    while len(first) < HEADER_BYTES and (more := next(pieces, b"")):
        first += more
    whole = chain([first], pieces)
    if arriving.has_arrived_sealed(first):
        return arriving.unsealed(whole, _required(key, name), name)
    return unsealed(whole, _required(key, name), name) if _sealed(first, key) else whole


def sha256(name: str, key: bytes | None) -> str:
    """Return the SHA-256 in hex of what an object holds. Raises what `read` raises."""
    digest = hashlib.sha256()
    for piece in stream(name, key):
        digest.update(piece)
    return digest.hexdigest()


def opened(name: str, key: bytes | None) -> IO[bytes]:
    """Open an object to read parts of it, which are decrypted in memory.

    Raises: MissingObjectError, also when the key was destroyed; UnsealError when it was replaced.
    """
    size = store().size(name)
    header = store().part(name, 0, min(HEADER_BYTES, size)) if size else b""
    raw = _Sealed(name, _required(key, name), header, size) if _sealed(header, key) else _Plain(name, size)
    return cast("IO[bytes]", io.BufferedReader(raw, CHUNK_BYTES))


def _sealed(beginning: bytes, key: bytes | None) -> bool:
    """Tell whether an object is sealed. Raises `UnsealError` for one that is not but has a key."""
    if is_sealed(beginning):
        return True
    if key is not None:
        raise UnsealError("this object has a key but is not sealed: it was replaced")
    return False


def _required(key: bytes | None, name: str) -> bytes:
    if key is None:
        raise DestroyedKeyError(name)
    return key


class _Plain(io.RawIOBase):
    """An object read by ranges."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        self._name, self._size, self._at = name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        found = self._part(self._at, min(len(buffer), max(0, self._size - self._at)))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _part(self, start: int, length: int) -> bytes:
        return store().part(self._name, start, length) if length else b""


class _Sealed(_Plain):
    """A sealed object read by ranges of its contents. The last chunk that was opened is kept."""

    def __init__(self, name: str, key: bytes, header: bytes, size: int) -> None:
        body = size - HEADER_BYTES
        self._chunks = -(-body // SEALED_BYTES)
        if self._chunks < 1:
            raise UnsealError("this object ends within its header")
        super().__init__(name, body - 16 * self._chunks)
        self._cipher = cipher_of(key, salt_of(header), name)
        self._body = body
        self._open: tuple[int, bytes] = (-1, b"")

    def _part(self, start: int, length: int) -> bytes:
        number, offset = divmod(start, CHUNK_BYTES)
        return self._chunk(number)[offset : offset + length] if length else b""

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            start = number * SEALED_BYTES
            chunk = store().part(self._name, HEADER_BYTES + start, min(SEALED_BYTES, self._body - start))
            last = number == self._chunks - 1
            self._open = number, unseal_chunk(self._cipher, number, chunk, last=last)
        return self._open[1]
