"""Audits as JSON, read by version.

One query tells which audits somebody may see, and the version of everything that their documents
show. Only documents that are not in memory in this version are made.
"""

from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, cast, func, literal, literal_column, tuple_

from app.audits import repository, schemas, service
from app.auth.limits import Limited, bound, limited, values
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit, Release, Target
from app.db.reads import Compiled, Reads, compiled
from app.db.session import async_session
from app.errors import NotFoundError
from app.kit import cursor as cursors
from app.kit.documents import Documents, Version
from app.kit.listing import listed

DOT, NONE = literal_column("'.'", Text), literal_column("'-'", Text)
VERSION = func.concat_ws(
    DOT,
    *(cast(literal_column(f"{row}.xmin"), Text) for row in ("audit", "release", "target", "public_set")),
    *(func.coalesce(cast(literal_column(f"{row}.xmin"), Text), NONE) for row in ("private_set", "gallery_set", "twin")),
)
"""The transactions that last wrote the rows that a document shows."""
NEWEST_FIRST = repository.LISTING.keyset(schemas.AuditQuery())
COLUMN_NAMES = tuple(column.name for column in repository.COLUMNS)


@lru_cache
def _one(may_see: Limited) -> Compiled:
    versions = repository.with_names(repository.readable(bound(may_see))).with_only_columns(Audit.id, VERSION)
    return compiled(versions.where(Audit.id == bindparam("audit")))


@lru_cache
def _page(may_see: Limited, *, project: bool, after: bool) -> Compiled:
    ordered = NEWEST_FIRST.columns
    versions = repository.with_names(repository.readable(bound(may_see))).with_only_columns(
        Audit.id, VERSION, Audit.created_at
    )
    where = [Audit.project_id == bindparam("project")] if project else []
    if after:
        where.append(tuple_(*ordered) < tuple_(bindparam("created_at"), bindparam("id")))
    return compiled(
        versions.where(and_(True, *where)).order_by(*(one.desc() for one in ordered)).limit(bindparam("most"))
    )


@lru_cache
def _documents(may_see: Limited) -> Compiled:
    audits = repository.with_names(repository.readable(bound(may_see)))
    wanted = Audit.id == any_(bindparam("audits", type_=ARRAY(Uuid)))
    return compiled(audits.with_only_columns(*repository.COLUMNS, *repository.NAMES).where(wanted))


async def one(reads: Reads, subject: Subject, audit_id: UUID) -> Version:
    """Return the version of an audit.

    Raises: NotFoundError if there is none that the subject may see.
    """
    subject.require(Scope.AUDITS_READ)
    found = await reads.rows(_one(limited(subject)), values(subject) | {"audit": audit_id})
    if not found:
        raise NotFoundError("no_such_audit", "There is no such audit.")
    return Version(*found[0])


async def page(
    reads: Reads, subject: Subject, project_id: UUID | None, asked: schemas.AuditQuery
) -> tuple[list[Version], str | None]:
    """Return the versions of a page of summaries and the cursor of the next page."""
    subject.require(Scope.AUDITS_READ)
    if asked.narrowed_by != NEWEST_FIRST.narrowed_by:
        return await _narrowed(subject, project_id, asked)
    limit, cursor = asked.limit, asked.cursor
    given: dict[str, Any] = values(subject) | {"most": limit + 1}
    if project_id is not None:
        given["project"] = project_id
    if cursor is not None:
        given["created_at"], given["id"] = cursors.decode(cursor, NEWEST_FIRST)
    statement = _page(limited(subject), project=project_id is not None, after=cursor is not None)
    found = await reads.rows(statement, given)
    following = None
    if len(found) > limit:
        following = cursors.encode((found[limit - 1][2], found[limit - 1][0]), NEWEST_FIRST)
    return [Version(identifier, version, summary=True) for identifier, version, _ in found[:limit]], following


async def _narrowed(
    subject: Subject, project_id: UUID | None, asked: schemas.AuditQuery
) -> tuple[list[Version], str | None]:
    """Return the page of a search, of filters or of another order.

    Its statement is not one of the few that connections for reads prepare and keep.
    """
    readable = repository.readable(subject)
    ids = readable.join(Release, Release.id == Audit.release_id).join(Target, Target.id == Release.target_id)
    ids = ids.with_only_columns(Audit.id)  # only the page is joined with the names of everything
    if project_id is not None:
        ids = ids.where(Audit.project_id == project_id)
    async with async_session() as session:
        found, following = await listed(session, ids, repository.LISTING, asked)
        versions = repository.with_names(readable).with_only_columns(Audit.id, VERSION)
        chosen = versions.where(Audit.id == any_(literal([row[0] for row in found], ARRAY(Uuid))))
        by_id = {row[0]: row[1] for row in await session.execute(chosen)}
    return [Version(row[0], by_id[row[0]], summary=True) for row in found if row[0] in by_id], following


async def documents(kept: Documents, reads: Reads, subject: Subject, versions: Sequence[Version]) -> list[bytes]:
    """Return the documents of these versions as JSON."""
    found = {one.id: document for one in versions if (document := kept.find(one)) is not None}
    missing = {one.id: one for one in versions if one.id not in found}
    if missing:
        for row in await reads.rows(_documents(limited(subject)), values(subject) | {"audits": list(missing)}):
            columns = dict(zip(COLUMN_NAMES, row, strict=False))
            audit = service.document(SimpleNamespace(**columns), repository.Names(*row[len(columns) :]))
            shown = audit.summary() if missing[audit.id].summary else audit
            found[audit.id] = shown.model_dump_json().encode()
    there = [one for one in versions if one.id in found]  # others were deleted since
    for one in there:
        kept.keep(one, found[one.id])
    return [found[one.id] for one in there]
