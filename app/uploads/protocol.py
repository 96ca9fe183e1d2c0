"""Headers of tus 1.0.0 (https://tus.io/protocols/resumable-upload), parsed strictly."""

import base64
import binascii
import hashlib
import re
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import Header, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.db.models import Upload
from app.errors import BadRequestError, MediaTypeError, VersionError

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256", "sha512")
MEDIA_TYPE = "application/offset+octet-stream"
METADATA_BYTES = 4096
ADDRESS = re.compile(r"/api/v1/(?:uploads/[^/]+|(?:releases|datasets|verifiers)/[^/]+/uploads)")

UploadLength = Annotated[int | None, Header(ge=0, description="Size of the whole file in bytes.")]
UploadMetadata = Annotated[
    str | None,
    Header(
        max_length=METADATA_BYTES,
        description="Comma-separated pairs of a key and a base64 value. `filename` and `sha256` (hex) are read.",
    ),
]
UploadOffset = Annotated[int | None, Header(ge=0, description="Position of the body in the file.")]
UploadChecksum = Annotated[
    str | None, Header(description="`sha1`, `sha256` or `sha512`, a space, and the digest in base64.")
]


class TusMiddleware:
    """Adds the protocol version to every answer at a tus address, including errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not ADDRESS.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = VERSION
            await send(message)

        await self.app(scope, receive, marked)


def check_version(request: Request) -> None:
    """Raise `VersionError` unless the client uses this version. A dependency."""
    if request.headers.get("tus-resumable") != VERSION:
        raise VersionError(
            "tus_version", f"Send `Tus-Resumable: {VERSION}`, as tus clients do.", headers={"Tus-Version": VERSION}
        )


def check_media_type(request: Request) -> None:
    """Raise `MediaTypeError` unless the body is a piece of an upload. A dependency."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise MediaTypeError("media_type", f"Send pieces of an upload as `Content-Type: {MEDIA_TYPE}`.")


def capabilities(limit: int) -> dict[str, str]:
    """Return the headers of the answer to OPTIONS."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(limit),
    }


def progress(upload: Upload) -> dict[str, str]:
    """Return the headers with the offset of an upload and its expiry."""
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
        "Cache-Control": "no-store",
    }


def metadata(text: str | None) -> dict[str, str]:
    """Decode `Upload-Metadata`. Raises: BadRequestError when it is malformed."""
    found: dict[str, str] = {}
    for pair in (text or "").split(",") if text else []:
        key, _, value = pair.strip().partition(" ")
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _malformed() from None
        if not key or key in found:
            raise _malformed()
        if "\0" in key + decoded:
            raise _malformed()
        found[key] = decoded
    return found


def _malformed() -> BadRequestError:
    return BadRequestError("bad_metadata", "Upload-Metadata must be comma-separated pairs `key base64`, each key once.")


class Checksum:
    """`Upload-Checksum`: the digest of one piece, and the expected value."""

    def __init__(self, text: str) -> None:
        algorithm, _, value = text.strip().partition(" ")
        try:
            self.expected = base64.b64decode(value, validate=True)
        except binascii.Error:
            self.expected = b""
        if algorithm not in ALGORITHMS:
            raise BadRequestError("checksum_algorithm", f"Upload-Checksum accepts {', '.join(ALGORITHMS)}.")
        self.digest: Any = hashlib.new(algorithm)
        if len(self.expected) != self.digest.digest_size:
            raise BadRequestError("bad_checksum", f"Upload-Checksum must be `{algorithm} <base64 of the digest>`.")

    @property
    def right(self) -> bool:
        """True when the digest is the announced one."""
        return bool(self.digest.digest() == self.expected)
