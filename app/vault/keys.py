"""Making, opening and destroying the keys of stored objects.

    project key = 32 random bytes, wrapped by a key of the service (`service_key`)
    object key  = 32 random bytes, wrapped by the newest key of its project

An object is named by its key in the store; the pictures of an audit by `pictures_of`. Functions
take a synchronous session; the API calls them through `AsyncSession.run_sync`.
"""

import os
from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import DestroyedKey, ObjectKey, ProjectKey
from app.kit.crypto import KEY_BYTES, UnsealError, seal, subkey, unseal
from app.vault.service_key import ServiceKey, service_keys

OLD_PURPOSE, OLD_CONTEXT = "audit-key", "exhume/audit-key"
"""Purpose and context of the keys of audits that are older than project keys."""


KEY_OF_PROJECT = "project key"
"""The name of a wrapped key of a project among the destroyed keys."""


def pictures_of(audit_id: UUID) -> str:
    """Return the name under which the key of an audit's pictures is stored."""
    return f"audits/{audit_id}"


def make_key(session: Session, project_id: UUID, name: str) -> bytes:
    """Return the key of an object, which is made if it has none."""
    number, project_key = _newest_key(session, project_id)
    row = {"id": uuid4(), "project_id": project_id, "project_key_id": number, "object": name}
    wrapped = seal(project_key, os.urandom(KEY_BYTES), _object_context(row["id"]))
    session.execute(insert(ObjectKey).values(**row, wrapped=wrapped).on_conflict_do_nothing(index_elements=["object"]))
    key = find_key(session, name)
    assert key is not None, "the key was just made"
    return key


def find_key(session: Session, name: str) -> bytes | None:
    """Return the key of an object, or None if it has none or the key was destroyed."""
    statement = select(ObjectKey.id, ObjectKey.wrapped, ProjectKey).outerjoin(
        ProjectKey, ProjectKey.id == ObjectKey.project_key_id
    )
    row = session.execute(statement.where(ObjectKey.object == name)).one_or_none()
    if row is None:
        return None
    if row.ProjectKey is None:
        return unseal(subkey(OLD_PURPOSE), row.wrapped, OLD_CONTEXT)
    return unseal(open_project_key(row.ProjectKey), row.wrapped, _object_context(row.id))


def destroy_keys(session: Session, names: Collection[str]) -> int:
    """Delete the keys of these objects. Returns how many there were.

    The scheduler removes what the deleted rows leave in the files of the database (`erasure`).
    """
    if not names:
        return 0
    statement = delete(ObjectKey).where(ObjectKey.object.in_(names)).returning(ObjectKey.project_id, ObjectKey.object)
    gone = session.execute(statement).all()
    session.add_all(DestroyedKey(project_id=row.project_id, object=row.object) for row in gone)
    session.flush()
    return len(gone)


def destroy_all_keys(session: Session, project_id: UUID) -> int:
    """Delete the keys of a project and of all its objects. Returns how many objects had one."""
    names = session.scalars(select(ObjectKey.object).where(ObjectKey.project_id == project_id)).all()
    destroyed = destroy_keys(session, names)
    for _ in session.execute(delete(ProjectKey).where(ProjectKey.project_id == project_id).returning(ProjectKey.id)):
        session.add(DestroyedKey(project_id=project_id, object=KEY_OF_PROJECT))
    session.flush()
    return destroyed


def open_project_key(row: ProjectKey) -> bytes:
    """Return the key in a row.

    Raises: UnsealError if no key of the service opens it.
    """
    for key in service_keys():
        if key.id == row.wrapped_by:
            return key.unwrap(row.wrapped, _project_context(row.id))
    raise UnsealError(f"no key of this service is named {row.wrapped_by}: restore EXHUME_WRAPPING_KEY_FILE")


def wrap_again(session: Session) -> int:
    """Wrap the keys of projects with the current key of the service. Returns how many had another.

    Objects and their keys stay as they are.
    """
    current = service_keys()[0]
    rows = session.scalars(select(ProjectKey).where(ProjectKey.wrapped_by != current.id).with_for_update()).all()
    for row in rows:
        row.wrapped, row.wrapped_by = current.wrap(open_project_key(row), _project_context(row.id)), current.id
        session.add(DestroyedKey(project_id=row.project_id, object=KEY_OF_PROJECT))
    return len(rows)


def replace_project_key(session: Session, project_id: UUID) -> int:
    """Give a project a new key, wrap the keys of its objects with it and delete the old one.

    Returns how many keys of objects were wrapped again. The objects stay as they are.
    """
    old = list(session.scalars(select(ProjectKey).where(ProjectKey.project_id == project_id).with_for_update()))
    new, key = _add_key(session, project_id, max((one.number for one in old), default=0) + 1)
    count = 0
    for one in old:
        held = open_project_key(one)
        for row in session.scalars(select(ObjectKey).where(ObjectKey.project_key_id == one.id).with_for_update()):
            context = _object_context(row.id)
            row.wrapped, row.project_key_id = seal(key, unseal(held, row.wrapped, context), context), new
            count += 1
        session.flush()
        session.delete(one)
        session.add(DestroyedKey(project_id=project_id, object=KEY_OF_PROJECT))
    session.flush()
    return count


def _newest_key(session: Session, project_id: UUID) -> tuple[UUID, bytes]:
    newest = select(ProjectKey).where(ProjectKey.project_id == project_id).order_by(ProjectKey.number.desc()).limit(1)
    row = session.scalar(newest.with_for_update(key_share=True, read=True))
    if row is None:
        _add_key(session, project_id, 1)
        row = session.scalars(newest).one()
    return row.id, open_project_key(row)


def _add_key(session: Session, project_id: UUID, number: int) -> tuple[UUID, bytes]:
    """Insert a project key. Another transaction may have inserted the same number first."""
    current: ServiceKey = service_keys()[0]
    identifier, key = uuid4(), os.urandom(KEY_BYTES)
    row = {"id": identifier, "project_id": project_id, "number": number, "wrapped_by": current.id}
    wrapped = current.wrap(key, _project_context(identifier))
    statement = insert(ProjectKey).values(**row, wrapped=wrapped)
    session.execute(statement.on_conflict_do_nothing(index_elements=["project_id", "number"]))
    return identifier, key


def _project_context(key_id: UUID) -> str:
    return f"exhume/project-key/{key_id}"


def _object_context(key_id: object) -> str:
    return f"exhume/object-key/{key_id}"
