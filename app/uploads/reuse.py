"""Reuse of a checkpoint that the project already holds, by its digest.

Files are reused within one project only, so that no answer reveals what others hold. The new
release is examined like any other, for its architecture, convention and classes. All releases of
the project with this file share the stored object.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.subject import Subject
from app.db.models import Release
from app.db.session import async_session
from app.db.states import IntakeState
from app.errors import NotFoundError
from app.jobs.dispatch import publish
from app.kit.schema import Body
from app.releases import schemas, service
from app.storage.store import Received
from app.uploads.accepting import Arrival, accept
from app.uploads.beginning import awaiting
from app.uploads.owners import RELEASE


class ReuseRequest(Body):
    """A file that is already in this project."""

    sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$", description="SHA-256 of the file.")]


async def reuse(subject: Subject, release_id: UUID, sha256: str) -> schemas.Release:
    """Examine the stored file for this release.

    Raises: NotFoundError when the project does not hold a file with this digest.
    """
    async with async_session() as session:
        release, digest = await awaiting(session, subject, RELEASE, release_id, sha256.lower())
        assert digest is not None, "one was given"
        held = await _held(session, release.project_id, digest)
        if held is None or held.object_key is None or held.size_bytes is None:
            raise NotFoundError(
                "no_such_checkpoint",
                "This project does not hold a checked file with this digest. Send the file itself.",
            )
        arrival = Arrival(held.object_key, Received(digest, held.size_bytes), subject)
        job_id = await session.run_sync(accept, RELEASE, release_id, arrival)
        document = await service.get(session, subject, release_id)
    await publish([job_id])
    return document


async def _held(session: AsyncSession, project_id: UUID, sha256: str) -> Release | None:
    """Return the newest ready release of the project with this file.

    ONNX files are left out, because their graph cannot be examined again.
    """
    statement = (
        select(Release)
        .where(
            Release.project_id == project_id,
            Release.sha256 == sha256,
            Release.state == IntakeState.READY,
            Release.examination["source"]["format"].astext != "onnx",
        )
        .order_by(Release.created_at.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
