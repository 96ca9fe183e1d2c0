"""The last byte of a resumable upload has arrived: its digest is found, and the upload ends."""

import anyio

from app.auth.subject import Subject
from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import ProblemError
from app.storage.receive import discard
from app.storage.store import Received, store
from app.uploads import digests, holding
from app.uploads.accepting import settle
from app.uploads.holding import RENEW_SECONDS, Hold


async def finish(hold: Hold, upload: Upload, subject: Subject, digest: digests.Sha256 | None) -> None:
    """Hand a file that is stored in full to the intake. A problem refuses the upload and deletes the file."""
    key = upload.object_key
    assert key is not None, "an upload that receives has a place"
    digests.forget(upload.id)
    sha256 = digest.hexdigest() if digest is not None else await _reread(hold, upload, key)
    try:
        async with async_session() as session:
            row = await holding.confirm(session, hold)
            settled = await session.run_sync(settle, row, Received(sha256, upload.length), subject)
    except ProblemError:
        await _discard_if_ended(upload, key)
        raise
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(settled.follow_up)
    if settled.problem is not None:
        raise settled.problem


async def _discard_if_ended(upload: Upload, key: str) -> None:
    """Delete the file of an upload that was ended meanwhile. Another process may have taken it over: it has the same
    file, and perhaps handed it to the intake already."""
    async with async_session() as session:
        row = await session.get(Upload, upload.id)
    if row is None or row.state not in {UploadState.RECEIVING, UploadState.COMPLETE}:
        await discard(key)


async def _reread(hold: Hold, upload: Upload, key: str) -> str:
    """Hash what is stored: the states of the pieces are not in this process. The lease is kept up meanwhile."""
    sha256 = ""

    async def read() -> None:
        nonlocal sha256
        sha256 = await anyio.to_thread.run_sync(store().sha256, key)
        tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        while True:
            await anyio.sleep(RENEW_SECONDS)
            await holding.renew(hold, upload.received, upload.parts)
    return sha256
