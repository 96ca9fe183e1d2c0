"""Makes a release of a new revision, follows it to its audit, and writes the result back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit, Release, ScheduleRun, Source, SourceChange, Target, Trigger, Upload
from app.db.states import AuditState, IntakeState, UploadState
from app.errors import ConflictError
from app.imports import service as imports
from app.imports.schemas import ImportCreate
from app.releases import service as releases
from app.releases.schemas import ReleaseCreate
from app.sources import addresses
from app.sources.checking import Found
from app.uploads.owners import RELEASE

SCOPES = frozenset({Scope.TARGETS_WRITE, Scope.AUDITS_READ})
SOON = timedelta(seconds=10)
LATER = timedelta(minutes=1)
PATIENCE = timedelta(days=14)
"""How long to wait for a result that is to be written back."""
VERSIONS = 20
LOST = {UploadState.REFUSED, UploadState.EXPIRED, UploadState.TERMINATED}


def acting(source: Source) -> Subject:
    """Return the subject that the audit log and the imports name."""
    return Subject(source.id, f"source:{source.name}"[:100], source.project_id, SCOPES)


async def changed(session: AsyncSession, source: Source, found: Found) -> SourceChange | None:
    """Create a release of a revision and fetch its file, once per revision.

    A revision that failed before is tried again. Raises: ProblemError, and nothing is left behind.
    """
    same = (SourceChange.source_id == source.id, SourceChange.revision == found.revision)
    earlier = (await session.execute(select(SourceChange).where(*same))).scalar_one_or_none()
    if earlier is not None and earlier.problem is None:
        return None
    subject = acting(source)
    target = await session.get_one(Target, source.target_id)
    release_id = await _release(session, subject, target, source, found)
    address = addresses.parse(source.address).pinned(found.revision, found.key)
    await imports.create(session, subject, RELEASE, release_id, ImportCreate(address=address))
    change = earlier or SourceChange(project_id=source.project_id, source_id=source.id, revision=found.revision)
    change.release_id, change.problem, change.errors = release_id, None, 0
    change.next_at = datetime.now(UTC) + SOON
    session.add(change)
    await session.flush()
    return change


async def _release(session: AsyncSession, subject: Subject, target: Target, source: Source, found: Found) -> UUID:
    """Create the release. Its version is that of the source, with a number if it is taken."""
    for number in range(1, VERSIONS):
        version = found.version if number == 1 else f"{found.version}-{number}"
        try:
            body = ReleaseCreate.model_validate(source.release | {"version": version})
            return (await releases.create(session, subject, target, body)).id
        except ConflictError as error:
            if error.code != "version_taken":
                raise
    raise ConflictError("version_taken", f"{VERSIONS} releases of {target.name!r} are named {found.version}.")


async def advance(session: AsyncSession, change: SourceChange, source: Source, now: datetime) -> Audit | None:
    """Follow the release of a change. Returns an audit whose result is to be written back."""
    release = await session.get(Release, change.release_id) if change.release_id else None
    if release is None:
        change.next_at = None
        return None
    if release.state != IntakeState.READY:
        change.problem = await _problem(session, release)
        change.next_at = None if change.problem else now + SOON
        return None
    if source.schedule_id is not None and change.run_id is None:
        run = ScheduleRun(
            project_id=source.project_id, schedule_id=source.schedule_id, due_at=now, trigger=Trigger.SOURCE
        )
        session.add(run)
        await session.flush()
        change.run_id = run.id
    if not source.write_back and source.pass_alias is None:
        change.next_at = None
        return None
    change.next_at = now + LATER if now - change.created_at < PATIENCE else None
    return await _finished(session, release.id)


async def _problem(session: AsyncSession, release: Release) -> dict[str, Any] | None:
    """Return why the file of a release will not become ready: it was rejected, or not fetched."""
    if release.state == IntakeState.REFUSED:
        return release.problem
    statement = select(Upload).where(Upload.release_id == release.id).order_by(Upload.created_at.desc()).limit(1)
    upload = (await session.execute(statement)).scalar_one_or_none()
    if release.state == IntakeState.AWAITING_UPLOAD and upload is not None and upload.state in LOST:
        return upload.problem
    return None


async def _finished(session: AsyncSession, release_id: UUID) -> Audit | None:
    statement = (
        select(Audit)
        .where(Audit.release_id == release_id, Audit.state == AuditState.SUCCEEDED, Audit.verdict.is_not(None))
        .order_by(Audit.finished_at.desc().nulls_last())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
