"""Keys of objects: made once, opened through two others, replaced, and destroyed."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db.models import DestroyedKey, ObjectKey, ProjectKey
from app.db.session import sync_session
from app.kit.crypto import UnsealError, seal, subkey
from app.settings import settings
from app.vault.keys import (
    OLD_CONTEXT,
    OLD_PURPOSE,
    destroy_keys,
    find_key,
    make_key,
    replace_project_key,
    wrap_again,
)
from tests.worker.rows import make_project

pytestmark = pytest.mark.usefixtures("settings_env")

WrapWith = Callable[[str], None]


@pytest.fixture
def project() -> UUID:
    with sync_session() as session:
        return make_project(session).id


@pytest.fixture
def wrap_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WrapWith:
    """Write the file of wrapping keys and read the settings again."""

    def write(text: str) -> None:
        file = tmp_path / "wrapping.keys"
        file.write_text(text)
        monkeypatch.setenv("EXHUME_WRAPPING_KEY_FILE", str(file))
        settings.cache_clear()

    return write


def test_an_object_has_one_key_and_no_two_objects_share_one(project: UUID) -> None:
    with sync_session() as session:
        key = make_key(session, project, "a")
        assert make_key(session, project, "a") == key != make_key(session, project, "b")
    with sync_session() as session:
        assert find_key(session, "a") == key
        assert find_key(session, "c") is None
        assert len(session.scalars(select(ProjectKey)).all()) == 1
        assert all(key not in row.wrapped for row in session.scalars(select(ObjectKey)))


def test_a_destroyed_key_is_gone_and_recorded(project: UUID) -> None:
    with sync_session() as session:
        for name in ("a", "b"):
            make_key(session, project, name)
        assert destroy_keys(session, ["a", "unknown"]) == 1
    with sync_session() as session:
        assert find_key(session, "a") is None
        assert find_key(session, "b") is not None
        assert [row.object for row in session.scalars(select(DestroyedKey))] == ["a"]


def test_a_wrapped_key_moved_to_another_row_does_not_open(project: UUID) -> None:
    with sync_session() as session:
        make_key(session, project, "a")
        make_key(session, project, "b")
        first, second = session.scalars(select(ObjectKey).order_by(ObjectKey.object))
        second.wrapped = first.wrapped
    with sync_session() as session, pytest.raises(UnsealError):
        find_key(session, "b")


def test_a_key_of_an_audit_from_before_project_keys_opens(project: UUID) -> None:
    key = bytes(range(32))
    with sync_session() as session:
        wrapped = seal(subkey(OLD_PURPOSE), key, OLD_CONTEXT)
        session.add(ObjectKey(project_id=project, object="audits/1", wrapped=wrapped))
    with sync_session() as session:
        assert find_key(session, "audits/1") == key


def test_the_key_of_the_service_is_replaced_and_objects_keep_theirs(project: UUID, wrap_with: WrapWith) -> None:
    with sync_session() as session:
        key = make_key(session, project, "a")
        before = session.scalars(select(ObjectKey.wrapped)).one()
    for lines, count in (("11" * 32, 1), (f"{'22' * 32}\n{'11' * 32}", 1), ("22" * 32, 0)):
        wrap_with(lines)
        with sync_session() as session:
            assert wrap_again(session) == count
            assert find_key(session, "a") == key
            assert session.scalars(select(ObjectKey.wrapped)).one() == before
    wrap_with("33" * 32)
    with sync_session() as session, pytest.raises(UnsealError, match="EXHUME_WRAPPING_KEY_FILE"):
        find_key(session, "a")


def test_the_key_of_a_project_is_replaced_and_objects_keep_theirs(project: UUID) -> None:
    with sync_session() as session:
        keys = {name: make_key(session, project, name) for name in ("a", "b")}
        old = session.scalars(select(ProjectKey.id)).one()
    with sync_session() as session:
        assert replace_project_key(session, project) == 2
    with sync_session() as session:
        assert {name: find_key(session, name) for name in keys} == keys
        assert session.scalars(select(ProjectKey.id)).one() != old
