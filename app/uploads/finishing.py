"""The end of a resumable upload, once its last byte has arrived."""

import anyio

from app.auth.subject import Subject
from app.db.contention import ARRIVED_SECONDS, limit_wait
from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import ProblemError
from app.storage.store import Received
from app.uploads import digests, holding
from app.uploads.accepting import settle
from app.uploads.holding import RENEW_SECONDS, Hold
from app.uploads.leftovers import discard
from app.vault import objects, quarantine


async def finish(hold: Hold, upload: Upload, subject: Subject, digest: digests.Sha256 | None) -> None:
    """Pass a complete file to intake.

    On a problem, the upload is rejected and the file deleted.
    """
    key = upload.object_key
    assert key is not None, "an upload in progress has a key"
    digests.forget(upload.id)
    sha256 = digest.hexdigest() if digest is not None else await _reread(hold, upload, key)
    try:
        async with async_session() as session:
            await session.run_sync(limit_wait, ARRIVED_SECONDS)
            row = await holding.confirm(session, hold)
            settled = await session.run_sync(settle, row, Received(sha256, upload.length), subject)
    except ProblemError:
        await _discard_if_ended(upload, key)
        raise
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(quarantine.delete_rests, upload.parts)
        await anyio.to_thread.run_sync(settled.follow_up)
    if settled.problem is not None:
        raise settled.problem


async def _discard_if_ended(upload: Upload, key: str) -> None:
    """Delete the file of an upload that was ended in the meantime.

    The file stays if another process took the upload over, because that process uses the same
    file.
    """
    async with async_session() as session:
        row = await session.get(Upload, upload.id)
    if row is None or row.state not in {UploadState.RECEIVING, UploadState.COMPLETE}:
        await discard(key)


async def _reread(hold: Hold, upload: Upload, key: str) -> str:
    """Hash the stored file, because this process lacks the hash state.

    Renew the lease meanwhile.
    """
    sha256 = ""

    async def read() -> None:
        nonlocal sha256
        sha256 = await anyio.to_thread.run_sync(lambda: objects.sha256(key, quarantine.key_of(key)))
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        while True:
            await anyio.sleep(RENEW_SECONDS)
            await holding.renew(hold, upload.received, upload.parts)
    return sha256
