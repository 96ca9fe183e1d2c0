"""The format of a sealed object: encrypted in chunks, so that it streams and is read by ranges.

    object = "EXHSEAL1" || salt (16 bytes) || sealed chunk 0 || sealed chunk 1 || ...
    key of the file = HKDF-SHA256(key of the object, salt, info = name of the object)
    sealed chunk i  = AES-256-GCM(nonce = i, associated data = i || 1 for the last, else 0)

Every chunk but the last holds 1 MiB. A chunk that was changed, moved or cut off at the end, and an
object under another name, cannot be opened. Each writing has a new salt, so no nonce occurs twice
under one key.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from app.kit.crypto import KEY_BYTES, UnsealError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"EXHSEAL1"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
CHUNK_BYTES = 1024 * 1024
SEALED_BYTES = CHUNK_BYTES + 16


def sealed(pieces: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Encrypt a stream of pieces of any size."""
    salt = os.urandom(SALT_BYTES)
    cipher = cipher_of(key, salt, name)
    yield MAGIC + salt
    for number, chunk, last in in_chunks(pieces, CHUNK_BYTES):
        yield _seal(cipher, number, chunk, last=last)


def unsealed(pieces: Iterable[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Decrypt a stream of pieces of any size. Raises: UnsealError."""
    first, left = b"", iter(pieces)
    while len(first) < HEADER_BYTES:
        if (piece := next(left, None)) is None:
            raise UnsealError("this object ends within its header")
        first += piece
    cipher = cipher_of(key, salt_of(first[:HEADER_BYTES]), name)
    for number, chunk, last in in_chunks(chain([first[HEADER_BYTES:]], left), SEALED_BYTES):
        yield unseal_chunk(cipher, number, chunk, last=last)


def in_chunks(pieces: Iterable[bytes], size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the chunks of a stream with their number, and whether it is the last.

    All but the last have `size` bytes. The last is empty only if the stream is.
    """
    number, waiting = 0, bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > size:
            yield number, bytes(waiting[:size]), False
            del waiting[:size]
            number += 1
    yield number, bytes(waiting), True


def is_sealed(beginning: bytes) -> bool:
    """Tell whether an object that begins with these bytes is sealed."""
    return beginning.startswith(MAGIC)


def salt_of(header: bytes) -> bytes:
    """Return the salt in a header. Raises: UnsealError."""
    if len(header) != HEADER_BYTES or not is_sealed(header):
        raise UnsealError("this is not a sealed object")
    return header[len(MAGIC) :]


def cipher_of(key: bytes, salt: bytes, name: str) -> "AESGCM":
    """Return the cipher of one writing of an object."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = f"exhume/object/{name}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key))


def unseal_chunk(cipher: "AESGCM", number: int, chunk: bytes, *, last: bool) -> bytes:
    """Decrypt one chunk. Raises: UnsealError."""
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(_nonce(number), chunk, bound(number, last=last))
    except (InvalidTag, ValueError) as error:
        raise UnsealError("this object was altered, moved or cut off, or has another key") from error


def _seal(cipher: "AESGCM", number: int, chunk: bytes, *, last: bool) -> bytes:
    return cipher.encrypt(_nonce(number), chunk, bound(number, last=last))


def _nonce(number: int) -> bytes:
    return struct.pack(">4xQ", number)


def bound(number: int, *, last: bool) -> bytes:
    """Return what a chunk is bound to: its place, and that it is the last or not."""
    return struct.pack(">QB", number, last)
