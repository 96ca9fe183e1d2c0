"""One interface to a local folder or S3. Objects are streamed and never held in memory.

Keys: `quarantine/<uuid>` (as received), `checkpoints/<project>/<sha256>.safetensors`,
`datasets/<id>/<name>.npz`, `artifacts/<project>/<kind>/<key>`, `trainings/<project>/<key>` (states
of priors in training).
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol, TypedDict
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from app.errors import TooLargeError, UnprocessableError
from app.settings import settings
from app.storage import multipart, room
from app.storage.failures import translated
from app.storage.incoming import Incoming, IncomingFile, State
from app.storage.sink import Sink

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES = 1024 * 1024
# Part size of uploads to a remote store. S3 requires parts of at least 5 MiB and at most 10,000
# parts.
PART_BYTES = 8 * 1024 * 1024


class MissingObjectError(Exception):
    """No object has that key."""


@dataclass(frozen=True, slots=True)
class Received:
    """Digest and size of a received stream."""

    sha256: str
    size: int


class Transform(Protocol):
    """Changes a stream on its way into the store, for example seals it."""

    def update(self, data: memoryview | bytes) -> bytes:
        """Take bytes, and return what can be stored."""
        ...

    def finish(self) -> bytes:
        """Return the end of the stream."""
        ...


class Parts(TypedDict):
    """Part size and concurrency of an upload."""

    chunk_size: int
    max_concurrency: int


class Store:
    """Objects by key. Synchronous for the worker, except `receive`, which is for uploads."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._objects = self._open()
        self._s3: Any = None
        # Limits the memory of an upload. Several parts at once do not speed up a local folder.
        self._parts = Parts(chunk_size=PART_BYTES, max_concurrency=3)
        if self.folder is not None:
            self._parts = Parts(chunk_size=CHUNK_BYTES, max_concurrency=1)

    def _open(self) -> "ObjectStore":
        if self.folder is None:
            return from_url(self.url)
        # The store holds checkpoints and training images, which other users of this machine must
        # not read.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self.folder)

    def incoming(self, key: str, offset: int, state: State) -> Incoming:
        """Open the writing end of an object received in pieces.

        `offset` and `state` are the last values returned by `kept`. Blocks in S3. Raises
        `UnprocessableError` for a store that only accepts objects in one piece.
        """
        if self.folder is not None:
            return IncomingFile(self.folder / key, offset)
        parts = urlsplit(self.url)
        if parts.scheme not in {"s3", "s3a"}:
            raise UnprocessableError(
                "not_resumable", "This object store only accepts a file in one request. Send the whole file."
            )
        if self._s3 is None:
            self._s3 = multipart.client()
        return multipart.IncomingMultipart(
            self._s3, parts.netloc, f"{parts.path.strip('/')}/{key}".lstrip("/"), offset, state
        )

    async def receive(self, stream: AsyncIterator[bytes], key: str, limit: int, through: Transform) -> Received:
        """Store a stream and hash it on the way. `through` changes what is stored.

        Nothing is kept after an error. Raises `TooLargeError` past `limit` bytes,
        `StorageFullError` when the disk is full, and the errors of `stream`.
        """
        if self.folder is not None:
            return await self._receive_file(stream, self.folder / key, limit, through)
        digest, size = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in stream:
                size += len(chunk)
                _check_size(size, limit)
                digest.update(chunk)
                if made := through.update(chunk):
                    yield made
            yield through.finish()

        try:
            await obstore.put_async(self._objects, key, counted(), **self._parts)
        except BaseError as error:
            raise translated(error) from error
        return Received(digest.hexdigest(), size)

    async def _receive_file(self, stream: AsyncIterator[bytes], path: Path, limit: int, through: Transform) -> Received:
        digest, file = hashlib.sha256(), IncomingFile(path, 0)
        sink = Sink(lambda view: file.write(memoryview(through.update(view))), [digest])
        try:
            async for chunk in stream:
                _check_size(sink.offset + len(chunk), limit)
                await sink.feed(chunk)
            await sink.drain()
            await asyncio.to_thread(file.write, memoryview(through.finish()))
            file.complete()
        except BaseException:
            await sink.settle()
            file.abort()
            raise
        return Received(digest.hexdigest(), sink.offset)

    def upload(self, path: Path, key: str) -> str:
        """Store a file and return its SHA-256 in hex. Raises: StorageFullError."""
        room.check_room(self.free_bytes(), path.stat().st_size)
        digest = hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    digest.update(chunk)
                    yield chunk

        self.put(key, chunks())
        return digest.hexdigest()

    def put(self, key: str, chunks: Iterator[bytes]) -> None:
        """Store a stream. In a folder, the file is readable by its owner alone.

        Raises: StorageFullError before the spare room of the disk is used up.
        """
        try:
            obstore.put(self._objects, key, self._within_room(chunks), **self._parts)
        except BaseError as error:
            raise translated(error) from error
        if self.folder is not None:
            (self.folder / key).chmod(0o600)

    def _within_room(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        unchecked = room.CHECKED_EVERY
        for chunk in chunks:
            unchecked += len(chunk)
            if unchecked >= room.CHECKED_EVERY:
                room.check_room(self.free_bytes(), len(chunk))
                unchecked = 0
            yield chunk

    def download(self, key: str, path: Path) -> None:
        """Write an object to a file. Raises `MissingObjectError` when there is none."""
        chunks = self.stream(key)
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)

    def stream(self, key: str) -> Iterator[bytes]:
        """Return an object in pieces. Raises `MissingObjectError` when there is none."""
        try:
            found = obstore.get(self._objects, key).stream(min_chunk_size=CHUNK_BYTES)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error
        return (bytes(chunk) for chunk in found)

    def size(self, key: str) -> int:
        """Return the size of an object. Raises `MissingObjectError` when there is none."""
        try:
            return obstore.head(self._objects, key)["size"]
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error

    def part(self, key: str, start: int, length: int) -> bytes:
        """Return a range of an object. Raises `MissingObjectError` when there is none."""
        try:
            return bytes(obstore.get_range(self._objects, key, start=start, length=length))
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        """Yield a path to an object, which is a temporary copy unless the store is local."""
        if self.folder is not None:
            path = self.folder / key
            if not path.is_file():
                raise MissingObjectError(key)
            yield path
            return
        with TemporaryDirectory(prefix="exhume-") as folder:
            path = Path(folder) / "object"
            self.download(key, path)
            yield path

    def delete(self, key: str) -> None:
        """Delete an object if it exists."""
        try:
            obstore.delete(self._objects, key)
        except (NotFoundError, FileNotFoundError):
            return

    def sha256(self, key: str) -> str:
        """Return the SHA-256 of an object in hex.

        Raises `MissingObjectError` when there is none.
        """
        digest = hashlib.sha256()
        try:
            for chunk in obstore.get(self._objects, key).stream(min_chunk_size=CHUNK_BYTES):
                digest.update(chunk)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error
        return digest.hexdigest()

    def exists(self, key: str) -> bool:
        """Tell whether an object has that key."""
        try:
            obstore.head(self._objects, key)
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def listed(self, prefix: str, *, older_than: datetime) -> list[str]:
        """Return the keys below `prefix` of objects last written before `older_than`."""
        objects = (found for page in obstore.list(self._objects, prefix) for found in page)
        return [found["path"] for found in objects if found["last_modified"] < older_than]

    def rename(self, old: str, new: str) -> None:
        """Move an object to another key."""
        try:
            obstore.rename(self._objects, old, new)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(old) from error

    def free_bytes(self) -> int | None:
        """Return the free space of a folder's file system, or None for a remote store."""
        return room.free_bytes(self.folder) if self.folder is not None else None

    def probe(self) -> None:
        """Write and delete a small object. Raises an error when the store cannot be used."""
        key = f"probe/{uuid4().hex}"
        try:
            obstore.put(self._objects, key, b"ok")
            obstore.delete(self._objects, key)
        except BaseError as error:
            raise translated(error) from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLargeError("too_large", f"The file is larger than the limit of {limit:,} bytes.")


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    return Store(url)


def store() -> Store:
    """Return the store named in the settings."""
    return _store(settings().object_store_url)
