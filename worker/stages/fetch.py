"""Import: fetch the file at an address into quarantine. It then ends like an upload."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import anyio
import structlog
from sqlalchemy.orm import Session

from app.db.models import Upload
from app.db.states import UploadState
from app.errors import ProblemError, StalledError, UnavailableError
from app.imports import addresses, allowlist
from app.outbound import transport
from app.settings import MIB, settings
from app.storage.receive import check, quarantine_key
from app.storage.store import Received, store
from app.uploads import holding, quota
from app.uploads.owners import OwnerKind, owner_of
from app.vault import quarantine
from worker.imports import download
from worker.imports.beginnings import CHECKS
from worker.imports.ending import Ending
from worker.imports.sources import Source, source_of
from worker.job.context import Outcome, StageContext

log = structlog.get_logger(__name__)

T = TypeVar("T")
PAUSES = (2.0, 8.0)
REPORT_SECONDS = 1.0


class EndedError(Exception):
    """Somebody ended the import."""


def run(context: StageContext) -> Outcome:
    """Fetch the file of an upload that has an address.

    If that fails, the row records why, and no bytes are kept.
    """
    upload_id = context.claim.subject_id
    assert upload_id is not None, "a fetch has an upload"
    fetch = Fetch(context, upload_id)
    try:
        received = asyncio.run(fetch.within_time())
    except EndedError:
        return Outcome({"skipped": "the import was ended"})
    except ProblemError as problem:
        ending = Ending(upload_id, fetch.key, problem)
        return Outcome({"refused": problem.code}, ending.write, ending.afterwards)
    ending = Ending(upload_id, fetch.key, received)
    return Outcome({"sha256": received.sha256, "size_bytes": received.size}, ending.write, ending.afterwards)


class Fetch:
    """One attempt.

    Its object key is new, so an attempt that lost its lease cannot touch its bytes.
    """

    def __init__(self, context: StageContext, upload_id: UUID) -> None:
        self._context, self._id, self.key = context, upload_id, quarantine_key()
        self._reported_at, self._length = time.monotonic(), 0

    async def within_time(self) -> Received:
        """Fetch, with up to two retries when the server is busy.

        Raises: ProblemError, EndedError.
        """
        limit = settings().import_seconds
        try:
            async with asyncio.timeout(limit):
                for pause in (*PAUSES, None):
                    try:
                        return await self._fetch()
                    except (download.PassingError, transport.UnresolvedError) as error:
                        if pause is None:
                            raise UnavailableError(
                                "import_unreachable", f"Tried {len(PAUSES) + 1} times: {error}. Import it again later."
                            ) from error
                        log.info("import.again", upload_id=str(self._id), error=str(error), seconds=pause)
                        await asyncio.sleep(pause)
        except TimeoutError as late:
            raise StalledError(
                "import_too_slow", f"It did not arrive within {limit:,.0f} s (EXHUME_IMPORT_SECONDS). Nothing was kept."
            ) from late
        raise AssertionError("the last attempt returns or raises")

    async def _fetch(self) -> Received:
        row, old = await self._in_thread(self._begin)
        if old is not None:
            await anyio.to_thread.run_sync(quarantine.discard, old)
        kind, _ = owner_of(row)
        source = _planned(row, kind)
        async with (
            transport.PinnedClient(settings().import_networks) as client,
            download.opened(client, source, settings()) as file,
        ):
            download.check_size(file.length, kind.limit)
            await self._in_thread(partial(self._note, length=file.length or 0, received=0))
            self._length = file.length or 0
            through = await self._in_thread(partial(quarantine.sealing, project_id=row.project_id, name=self.key))
            received = await store().receive(self._counted(file.chunks(CHECKS[kind])), self.key, kind.limit, through)
        try:
            check(received, file.length, row.sha256)
            check(received, file.length, file.sha256)
        except ProblemError:
            await anyio.to_thread.run_sync(quarantine.discard, self.key)
            raise
        return received

    async def _counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in chunks:
            total += len(chunk)
            if time.monotonic() - self._reported_at > REPORT_SECONDS:
                self._reported_at = time.monotonic()
                self._context.progress(total // MIB, self._length // MIB)
                await self._in_thread(partial(self._note, length=max(total, self._length), received=total))
            yield chunk

    async def _in_thread(self, work: Callable[[Session], T]) -> T:
        return await anyio.to_thread.run_sync(self._context.write, work)

    def _begin(self, session: Session) -> tuple[Upload, str | None]:
        upload = _receiving(session, self._id)
        old = upload.object_key if upload.object_key != self.key else None
        upload.object_key, upload.length, upload.received = self.key, 0, 0
        session.flush()
        session.refresh(upload)
        return upload, old

    def _note(self, session: Session, *, length: int, received: int) -> None:
        upload = _receiving(session, self._id)
        if length > upload.length:
            quota.check(session, upload.project_id, length - upload.length)
        upload.length, upload.received, upload.expires_at = length, received, holding.expiry()


def _planned(row: Upload, kind: OwnerKind) -> Source:
    """Return the request. The list of hosts is checked again, because it may have changed."""
    assert row.address is not None, "a fetch has an address"
    address = addresses.parse(row.address, kind.suffixes)
    allowlist.check(address, settings())
    return source_of(address, settings())


def _receiving(session: Session, upload_id: UUID) -> Upload:
    upload = session.get(Upload, upload_id, with_for_update=True, populate_existing=True)
    if upload is None or upload.state != UploadState.RECEIVING:
        raise EndedError
    return upload
