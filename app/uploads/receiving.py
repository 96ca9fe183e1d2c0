"""Receiving one piece of an upload (PATCH). Bytes before a broken connection are kept."""

import time
from collections.abc import AsyncIterator
from uuid import UUID

import anyio
import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect

from app.auth.subject import Subject
from app.db.models import Upload
from app.db.session import async_session
from app.errors import BadRequestError, ChecksumError, ConflictError, StalledError, TooLargeError
from app.storage.incoming import Incoming
from app.storage.sink import Sink
from app.uploads import digests, finishing, holding, repository
from app.uploads.holding import Hold
from app.uploads.protocol import Checksum
from app.uploads.slots import slot
from app.vault import quarantine

log = structlog.get_logger(__name__)


async def append(request: Request, subject: Subject, upload_id: UUID, offset: int, checksum: Checksum | None) -> Upload:
    """Append the body to the upload at `offset`. The last byte ends the upload."""
    async with async_session() as session:
        await repository.require_writable(session, subject, upload_id)
    with slot():
        await _append(request, subject, upload_id, offset, checksum)
    async with async_session() as session:
        return await repository.get(session, subject, upload_id)


async def _append(request: Request, subject: Subject, upload_id: UUID, offset: int, checksum: Checksum | None) -> None:
    async with holding.held(upload_id) as (hold, upload):
        _check_place(request, upload, offset)
        piece = await _begin(hold, upload, checksum)
        try:
            await piece.receive(request.stream())
        finally:
            with anyio.CancelScope(shield=True):
                await piece.end()
        if piece.complete:
            await finishing.finish(hold, upload, subject, piece.digest)


def _check_place(request: Request, upload: Upload, offset: int) -> None:
    if offset != upload.received:
        raise _elsewhere(upload.received)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and offset + int(announced) > upload.length:
        raise _overlong(upload)


def _elsewhere(received: int) -> ConflictError:
    return ConflictError(
        "offset_mismatch",
        f"{received:,} bytes are safe, and the next piece begins there. Ask with HEAD, and continue.",
        headers={"Upload-Offset": str(received)},
    )


def _overlong(upload: Upload) -> TooLargeError:
    return TooLargeError(
        "overlong_piece", f"The file was announced with {upload.length:,} bytes, and this piece goes beyond."
    )


async def _begin(hold: Hold, upload: Upload, checksum: Checksum | None) -> "_Piece":
    assert upload.object_key is not None, "an upload in progress has a key"
    place = (upload.received, upload.parts)
    key = await anyio.to_thread.run_sync(quarantine.key_of, upload.object_key)
    incoming = await anyio.to_thread.run_sync(quarantine.incoming, upload.object_key, key, *place)
    safe, parts = incoming.kept()
    if safe != upload.received:  # the machine stopped before everything was on its disk
        log.warning("upload.shortened", upload_id=str(upload.id), noted=upload.received, safe=safe)
        hold.kept = (safe, parts)
        await anyio.to_thread.run_sync(incoming.close)
        raise _elsewhere(safe)
    return _Piece(hold, upload, incoming, checksum)


class _Piece:
    """The piece that one request adds.

    `complete` is set once `end` has made the whole file safe.
    """

    def __init__(self, hold: Hold, upload: Upload, incoming: Incoming, checksum: Checksum | None) -> None:
        self._hold, self._upload, self._incoming, self._checksum = hold, upload, incoming, checksum
        self._before = (upload.received, upload.parts)
        self.digest: digests.Sha256 | None = digests.take(upload.id, upload.received)
        self._digest_before = self.digest.copy() if self.digest is not None else None
        computed = [digest for digest in (self.digest, checksum.digest if checksum else None) if digest is not None]
        self._sink = Sink(incoming.write, computed, upload.received)
        self._whole = False
        self.complete = False

    async def receive(self, stream: AsyncIterator[bytes]) -> None:
        """Receive the body until it ends, breaks off or stalls, or a newer request takes over."""
        touched = 0.0
        with self._hold.receiving as scope:
            scope.deadline = anyio.current_time() + holding.IDLE_SECONDS
            try:
                async for chunk in stream:
                    now = time.monotonic()
                    if now - touched > 1:
                        scope.deadline, touched = anyio.current_time() + holding.IDLE_SECONDS, now
                        if self._hold.due:
                            await self._renew()
                    if self._sink.offset + len(chunk) > self._upload.length:
                        raise _overlong(self._upload)
                    await self._sink.feed(chunk)
                self._whole = True
            except ClientDisconnect as gone:
                raise BadRequestError("upload_broken_off", "The connection ended. Continue where HEAD says.") from gone
        if self._whole:
            return
        if self._hold.wanted:
            raise ConflictError("upload_taken_over", "A newer connection continues this upload.")
        raise StalledError(
            "upload_stalled", f"Nothing arrived for {holding.IDLE_SECONDS:.0f} s. Continue where HEAD says."
        )

    async def _renew(self) -> None:
        kept = self._before if self._checksum else self._incoming.kept()
        await holding.renew(self._hold, *kept)

    async def end(self) -> None:
        """Make the received bytes safe and record the offset.

        A piece with a wrong checksum is dropped.
        """
        try:
            await self._sink.drain()
            sound = self._checksum is None or (self._whole and self._checksum.right)
            self.complete = sound and self._whole and self._sink.offset == self._upload.length
            await anyio.to_thread.run_sync(self._incoming.complete if self.complete else self._incoming.close)
        except BaseException:
            await self._sink.settle()
            try:
                await anyio.to_thread.run_sync(self._incoming.close)
            finally:
                self._hold.kept = self._before if self._checksum else self._incoming.kept()
            raise
        if self.complete:
            return  # the row is updated together with the release or data set
        kept, digest = (self._incoming.kept(), self.digest) if sound else (self._before, self._digest_before)
        self._hold.kept = kept
        if digest is not None:
            digests.keep(self._upload.id, kept[0], digest)
        if self._whole and not sound:
            raise ChecksumError("checksum_mismatch", "This piece arrived damaged and was dropped. Send it again.")
