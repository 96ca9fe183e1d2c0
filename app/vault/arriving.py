"""The format of a file in quarantine, which is sealed while it arrives.

    object         = sealed chunk 0 || sealed chunk 1 || ...
    sealed chunk i = nonce (12 bytes, random) || AES-256-GCM(associated data as in `chunks`)

`EXHSEAL2` comes before chunk 0. Every sealed chunk but the last ends at a multiple of 1 MiB, so
that a piece of the file continues where the one before ended. A chunk may be written again after a
break, with other bytes, so its nonce is random and not its number.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.kit.crypto import KEY_BYTES, NONCE_BYTES, UnsealError
from app.vault.chunks import bound, in_chunks

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"EXHSEAL2"
SEALED_BYTES = 1024 * 1024
PLAIN_BYTES = SEALED_BYTES - NONCE_BYTES - 16


class Sealing:
    """Seals a stream chunk by chunk, from chunk `number` on."""

    def __init__(self, key: bytes, name: str, number: int = 0, waiting: bytes = b"") -> None:
        self._cipher, self._number, self._waiting = cipher_of(key, name), number, bytearray(waiting)

    @property
    def waiting(self) -> bytes:
        """Bytes that do not fill a chunk yet."""
        return bytes(self._waiting)

    def update(self, data: "memoryview | bytes") -> bytes:
        """Take bytes, and return the chunks that are full and not the last."""
        self._waiting += data
        made = []
        while len(self._waiting) > (size := _plain_bytes(self._number)):
            made.append(self._chunk(bytes(self._waiting[:size]), last=False))
            del self._waiting[:size]
        return b"".join(made)

    def finish(self) -> bytes:
        """Return the last chunk."""
        last = self._chunk(self.waiting, last=True)
        self._waiting.clear()
        return last

    def _chunk(self, data: bytes, *, last: bool) -> bytes:
        nonce, number = os.urandom(NONCE_BYTES), self._number
        self._number += 1
        sealed = nonce + self._cipher.encrypt(nonce, data, bound(number, last=last))
        return sealed if number else MAGIC + sealed


def unsealed(pieces: Iterator[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Decrypt a stream of pieces of any size. Raises: UnsealError."""
    cipher = cipher_of(key, name)
    for number, chunk, last in in_chunks(pieces, SEALED_BYTES):
        yield _opened(cipher, number, chunk, last=last)


def has_arrived_sealed(beginning: bytes) -> bool:
    """Tell whether an object that begins with these bytes has this format."""
    return beginning.startswith(MAGIC)


def plain_offset(chunks: int) -> int:
    """Return how many bytes of a file so many full chunks hold."""
    return chunks * PLAIN_BYTES - len(MAGIC) if chunks else 0


def cipher_of(key: bytes, name: str) -> "AESGCM":
    """Return the cipher of one file."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = f"exhume/arriving/{name}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key))


def _opened(cipher: "AESGCM", number: int, chunk: bytes, *, last: bool) -> bytes:
    from cryptography.exceptions import InvalidTag

    start = 0 if number else len(MAGIC)
    try:
        nonce, body = chunk[start : start + NONCE_BYTES], chunk[start + NONCE_BYTES :]
        return cipher.decrypt(nonce, body, bound(number, last=last))
    except (InvalidTag, ValueError) as error:
        raise UnsealError("this file was altered, moved or cut off, or has another key") from error


def _plain_bytes(number: int) -> int:
    return PLAIN_BYTES if number else PLAIN_BYTES - len(MAGIC)
