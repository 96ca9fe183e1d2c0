"""One interface to a local folder or S3: streams in, files out, never a whole object in memory.

Keys: `quarantine/<uuid>` (as received), `checkpoints/<project>/<sha256>.safetensors`, `datasets/<id>/packed.npz`,
`artifacts/<project>/<kind>/<key>`, `trainings/<project>/<key>` (states of priors in training).
"""

import hashlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from app.errors import TooLargeError, UnprocessableError
from app.settings import settings
from app.storage import multipart
from app.storage.failures import translated
from app.storage.incoming import Incoming, IncomingFile, State
from app.storage.sink import Sink

if TYPE_CHECKING:
    from obstore.store import ObjectStore

CHUNK_BYTES = 1024 * 1024
PART_BYTES = 8 * 1024 * 1024  # of an upload to a remote store; S3 wants 5 MiB at least and 10,000 parts at most


class MissingObjectError(Exception):
    """There is no object of that key."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a stream held."""

    sha256: str
    size: int


class Parts(TypedDict):
    """How an upload is cut."""

    chunk_size: int
    max_concurrency: int


class Store:
    """Objects by key. Synchronous for the worker; `receive` is asynchronous, for uploads."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._objects = self._open()
        self._s3: Any = None
        # Bounds what an upload takes of memory; a folder gains nothing from several parts at once.
        self._parts = Parts(chunk_size=PART_BYTES, max_concurrency=3)
        if self.folder is not None:
            self._parts = Parts(chunk_size=CHUNK_BYTES, max_concurrency=1)

    def _open(self) -> "ObjectStore":
        if self.folder is None:
            return from_url(self.url)
        # Checkpoints and training images: nobody else on this machine may read them.
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(self.folder)

    def incoming(self, key: str, offset: int, state: State) -> Incoming:
        """The end of an object that comes in piece by piece; `offset` and `state` as `kept` told them last.

        Blocking, in S3. `UnprocessableError` for a store that takes objects in one piece only.
        """
        if self.folder is not None:
            return IncomingFile(self.folder / key, offset)
        parts = urlsplit(self.url)
        if parts.scheme not in {"s3", "s3a"}:
            raise UnprocessableError("not_resumable", "This object store takes files in one stream only: send it so.")
        if self._s3 is None:
            self._s3 = multipart.client()
        return multipart.IncomingMultipart(
            self._s3, parts.netloc, f"{parts.path.strip('/')}/{key}".lstrip("/"), offset, state
        )

    async def receive(self, stream: AsyncIterator[bytes], key: str, limit: int) -> Received:
        """Store a stream and hash it on the way. Whatever goes wrong, nothing of it stays.

        Raises `TooLargeError` past `limit` bytes, `StorageFullError` when the disk is full, and what `stream` raises.
        """
        if self.folder is not None:
            return await self._receive_file(stream, self.folder / key, limit)
        digest, size = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in stream:
                size += len(chunk)
                _check_size(size, limit)
                digest.update(chunk)
                if chunk:
                    yield chunk

        try:
            await obstore.put_async(self._objects, key, counted(), **self._parts)
        except BaseError as error:
            raise translated(error) from error
        return Received(digest.hexdigest(), size)

    async def _receive_file(self, stream: AsyncIterator[bytes], path: Path, limit: int) -> Received:
        digest, file = hashlib.sha256(), IncomingFile(path, 0)
        sink = Sink(file.write, [digest])
        try:
            async for chunk in stream:
                _check_size(sink.offset + len(chunk), limit)
                await sink.feed(chunk)
            await sink.drain()
            file.complete()
        except BaseException:
            await sink.settle()
            file.abort()
            raise
        return Received(digest.hexdigest(), sink.offset)

    def upload(self, path: Path, key: str) -> str:
        """Store a file; its SHA-256 in hex."""
        digest = hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    digest.update(chunk)
                    yield chunk

        try:
            obstore.put(self._objects, key, chunks(), **self._parts)
        except BaseError as error:
            raise translated(error) from error
        return digest.hexdigest()

    def download(self, key: str, path: Path) -> None:
        """Write an object to a file; `MissingObjectError` when there is none."""
        try:
            stream = obstore.get(self._objects, key).stream(min_chunk_size=CHUNK_BYTES)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error
        with path.open("wb") as file:
            for chunk in stream:
                file.write(chunk)

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        """An object as a file to read: itself if the store is a folder, else a temporary copy."""
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
        """Delete an object; one that is not there is no error."""
        try:
            obstore.delete(self._objects, key)
        except (NotFoundError, FileNotFoundError):
            return

    def sha256(self, key: str) -> str:
        """SHA-256 of an object in hex, read in pieces; `MissingObjectError` when there is none."""
        digest = hashlib.sha256()
        try:
            for chunk in obstore.get(self._objects, key).stream(min_chunk_size=CHUNK_BYTES):
                digest.update(chunk)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(key) from error
        return digest.hexdigest()

    def exists(self, key: str) -> bool:
        """True when there is an object of that key."""
        try:
            obstore.head(self._objects, key)
        except (NotFoundError, FileNotFoundError):
            return False
        return True

    def listed(self, prefix: str, *, older_than: datetime) -> list[str]:
        """Keys below `prefix` of objects that were last written before `older_than`."""
        objects = (found for page in obstore.list(self._objects, prefix) for found in page)
        return [found["path"] for found in objects if found["last_modified"] < older_than]

    def rename(self, old: str, new: str) -> None:
        """Give an object another key."""
        try:
            obstore.rename(self._objects, old, new)
        except (NotFoundError, FileNotFoundError) as error:
            raise MissingObjectError(old) from error

    def free_bytes(self) -> int | None:
        """Room left in a folder's file system; None for a remote store."""
        return shutil.disk_usage(self.folder).free if self.folder is not None else None

    def probe(self) -> None:
        """Write and delete a small object: raises when the store can't be used."""
        key = f"probe/{uuid4().hex}"
        try:
            obstore.put(self._objects, key, b"ok")
            obstore.delete(self._objects, key)
        except BaseError as error:
            raise translated(error) from error


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLargeError("too_large", f"This is larger than the limit of {limit:,} bytes.")


@lru_cache(maxsize=4)
def _store(url: str) -> Store:
    return Store(url)


def store() -> Store:
    """The store of the settings."""
    return _store(settings().object_store_url)
