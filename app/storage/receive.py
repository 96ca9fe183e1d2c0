"""Receiving an upload into quarantine. A file is stored completely or not at all."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

import structlog
from fastapi import Header, Query, Request
from starlette.requests import ClientDisconnect

from app.errors import BadRequestError, TooLargeError, UnprocessableError
from app.storage.store import Received, Transform, store

log = structlog.get_logger(__name__)

REPR_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):")
Sha256 = Annotated[
    str | None,
    Query(
        pattern="^[0-9a-fA-F]{64}$", description="SHA-256 of the file in hex. It is compared with the bytes received."
    ),
]
ReprDigest = Annotated[
    str | None, Header(description="Digest of the file as in RFC 9530, `sha-256=:<base64>:`. Alternative to `sha256`.")
]


def expected_digest(sha256: Sha256 = None, repr_digest: ReprDigest = None) -> str | None:
    """Return the digest that the client announced in the query or the header, in hex."""
    if sha256 is not None:
        return sha256.lower()
    if repr_digest is None:
        return None
    found = REPR_DIGEST.search(repr_digest)
    try:
        digest = base64.b64decode(found.group(1), validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise BadRequestError("bad_digest", "Repr-Digest must contain sha-256=:<base64 of 32 bytes>:.")
    return digest.hex()


def check_announced(announced: int | None, limit: int) -> None:
    """Raise unless a file of the announced size, if any, can be accepted."""
    if announced == 0:
        raise empty()
    if announced is not None and announced > limit:
        raise TooLargeError("too_large", f"The file has {announced:,} bytes, more than the limit of {limit:,}.")


@dataclass(frozen=True)
class Body:
    """The body of a request, and its size if it was announced."""

    stream: AsyncIterator[bytes]
    announced: int | None


async def receive(body: Body, key: str, through: Transform, *, limit: int, expected: str | None) -> Received:
    """Store a body under a quarantine key. Returns its size and digest.

    Raises: UnprocessableError if it is not what was announced. It is stored then.
    """
    try:
        received = await store().receive(body.stream, key, limit, through)
    except ClientDisconnect as gone:
        log.info("upload.broken_off", key=key)
        raise BadRequestError(
            "upload_broken_off", "The connection ended before the whole file was received. Send it again."
        ) from gone
    check(received, body.announced, expected)
    return received


def quarantine_key() -> str:
    """Return a random key for a file that has not been checked."""
    return f"quarantine/{uuid4().hex}"


def check(received: Received, announced: int | None, expected: str | None) -> None:
    """Raise `UnprocessableError` for a file that is empty, incomplete or has the wrong digest."""
    if received.size == 0:
        raise empty()
    if announced is not None and received.size != announced:
        raise UnprocessableError(
            "incomplete", f"Received {received.size:,} of {announced:,} bytes. Send the file again."
        )
    if expected is not None and received.sha256 != expected:
        raise UnprocessableError(
            "digest_mismatch",
            "The file received does not match the announced digest. Send it again or correct the digest.",
            errors=[{"expected": expected, "found": received.sha256}],
        )


def empty() -> UnprocessableError:
    """Return the problem of a 0-byte upload."""
    return UnprocessableError("empty_upload", "The file is empty (0 bytes). Send the file's bytes as the body.")


def content_length(request: Request) -> int | None:
    """Return the announced size of the body, if the client sent it."""
    header = request.headers.get("content-length", "")
    return int(header) if header.isdecimal() else None
