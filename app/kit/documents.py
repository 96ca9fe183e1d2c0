"""Documents as JSON, kept in memory for as long as their rows have not changed."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from fastapi import Request, Response

MOST_BYTES = 16 * 1024 * 1024


class Version(NamedTuple):
    """A row and the version of everything that its document shows."""

    id: UUID
    version: str
    summary: bool = False
    """Whether the document is the one that lists show."""

    @property
    def key(self) -> tuple[UUID, bool]:
        """Return what all versions of a document share."""
        return self.id, self.summary


class Documents:
    """The documents that were read last, by row and version."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, bool], tuple[str, bytes]] = OrderedDict()
        self._bytes = 0

    def find(self, wanted: Version) -> bytes | None:
        """Return a document in this version."""
        kept = self._kept.get(wanted.key)
        if kept is None or kept[0] != wanted.version:
            return None
        self._kept.move_to_end(wanted.key)
        return kept[1]

    def keep(self, of: Version, document: bytes) -> None:
        """Keep a document, and forget the ones that were not read for longest."""
        old = self._kept.pop(of.key, None)
        self._bytes += len(document) - (len(old[1]) if old else 0)
        self._kept[of.key] = (of.version, document)
        while self._bytes > MOST_BYTES:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._bytes -= len(forgotten)


def etag(versions: Sequence[Version], also: str = "") -> str:
    """Return the weak ETag of a document that shows these versions."""
    text = "/".join(f"{one.id.hex}.{one.version}" for one in versions) + also
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """Return 304 when `If-None-Match` names this ETag."""
    given = request.headers.get("if-none-match")
    if given is None or not {tag, "*"} & {part.strip() for part in given.split(",")}:
        return None
    return Response(status_code=304, headers={"ETag": tag})


def as_json(body: bytes, tag: str) -> Response:
    """Return a document with its ETag."""
    return Response(body, media_type="application/json", headers={"ETag": tag})


def page(items: Sequence[bytes], following: str | None) -> bytes:
    """Return a page of documents."""
    cursor = b"null" if following is None else f'"{following}"'.encode()
    return b'{"items":[' + b",".join(items) + b'],"next_cursor":' + cursor + b"}"
