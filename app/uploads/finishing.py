"""The end of an upload: its digest is compared, and what it is for takes it over in the same transaction."""

from uuid import UUID

import anyio
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.db import moves
from app.db.models import Upload
from app.db.session import async_session
from app.db.states import UploadState
from app.errors import ProblemError
from app.jobs.dispatch import publish
from app.storage.receive import check, discard
from app.storage.store import Received, store
from app.uploads import checkpoint, content, digests, holding, verifier_model
from app.uploads.holding import RENEW_SECONDS, Hold


async def finish(hold: Hold, upload: Upload, subject: Subject, digest: digests.Sha256 | None) -> None:
    """Hand a file that is stored in full to the intake. A problem refuses the upload and deletes the file."""
    key = upload.object_key
    assert key is not None, "an upload that receives has a place"
    digests.forget(upload.id)
    sha256 = digest.hexdigest() if digest is not None else await _reread(hold, upload, key)
    received = Received(sha256, upload.length)
    try:
        check(received, upload.length, upload.sha256)
        async with async_session() as session:
            job_id = await _hand_over(session, hold, subject, key, received)
    except ProblemError as problem:
        await _refuse(hold, problem)
        await discard(key)
        raise
    await publish([job_id])


async def _hand_over(session: AsyncSession, hold: Hold, subject: Subject, key: str, received: Received) -> UUID:
    upload = await holding.confirm(session, hold)
    if upload.release_id is not None:
        _, job_id = await checkpoint.accept(session, subject, upload.release_id, key, received)
    elif upload.dataset_id is not None:
        _, job_id = await content.accept(session, subject, upload.dataset_id, key, received)
    else:
        assert upload.verifier_id is not None, "an upload has one subject"
        _, job_id = await verifier_model.accept(session, subject, upload.verifier_id, key, received)
    moves.end_upload(upload, UploadState.COMPLETE)
    upload.received = upload.length
    return job_id


async def _refuse(hold: Hold, problem: ProblemError) -> None:
    async with async_session() as session:
        upload = await session.get(Upload, hold.upload_id, with_for_update=True)
        if upload is not None and upload.state == UploadState.RECEIVING and upload.lease_id == hold.token:
            moves.end_upload(upload, UploadState.REFUSED, problem=problem.to_dict())


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
