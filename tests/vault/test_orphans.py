"""Objects that no row names are swept away, once they are old and nothing runs."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event, update

from app.db.models import Artifact, Dataset, Job, ObjectKey
from app.db.session import configured_url, sync_engine, sync_session
from app.db.states import JobState
from app.errors import StorageFullError
from app.jobs.sheets import sheet_key
from app.storage import room
from app.storage.store import Store, store
from app.vault import orphans
from app.vault.keys import make_key
from tests.worker.rows import make_audit

RUNS_OVER = 3 * room.CHECKED_EVERY


def put(key: str, *, old: bool = True) -> str:
    """Store an object, as old as if it had been there for years."""
    store().put(key, iter([b"x"]))
    if old:
        os.utime(Path(store().folder or "") / key, (0, 0))
    return key


def test_what_no_row_names_goes_and_everything_else_stays(settings_env: dict[str, str]) -> None:
    audit, _ = make_audit()
    with sync_session() as session:
        job = session.query(Job).filter_by(audit_id=audit).first()
        assert job is not None
        project = job.project_id
        dataset = session.query(Dataset).filter_by(project_id=project).first()
        assert dataset is not None
        dataset.object_key = put(f"datasets/{dataset.id}/packed.npz")
        kept = put(f"artifacts/{project}/prior/1")
        session.add(
            Artifact(
                project_id=project, kind="prior", key="sha256:1", sha256="", size_bytes=1, object_key=kept, details={}
            )
        )
        orphan = put(f"artifacts/{project}/evaluator/2")
        make_key(session, project, orphan)
        named = {kept, dataset.object_key, put(sheet_key(project, "sha256:1"))}
    more = {
        put(f"datasets/{uuid4()}/a.npz"),
        put(f"checkpoints/{project}/3.safetensors"),
        put(f"verifiers/{uuid4()}/v"),
    }
    fresh = put(f"artifacts/{project}/evaluator/4", old=False)
    assert orphans.remove_orphans() == 2, "those of a project with open jobs stay"
    assert store().exists(orphan)
    with sync_session() as session:
        session.execute(update(Job).values(state=JobState.SUCCEEDED))
    assert orphans.remove_orphans() == 2
    assert not any(store().exists(key) for key in {orphan, *more})
    assert all(store().exists(key) for key in {*named, fresh})
    with sync_session() as session:
        assert session.query(ObjectKey).filter_by(object=orphan).count() == 0


def test_a_job_that_ends_during_the_sweep_keeps_its_file(settings_env: dict[str, str]) -> None:
    audit, _ = make_audit()
    with sync_session() as session:
        project = session.query(Job).filter_by(audit_id=audit).first().project_id  # type: ignore[union-attr]
    made = put(f"artifacts/{project}/evaluator/5")
    engine, ended = sync_engine(configured_url()), []

    def end(connection: object, cursor: object, statement: str, *_: object) -> None:
        if ended or "FROM artifact" not in statement:
            return
        ended.append(True)
        with sync_session() as session:
            row = Artifact(project_id=project, kind="evaluator", key="sha256:5", object_key=made)
            row.sha256, row.size_bytes, row.details = "", 1, {}
            session.add(row)
            session.execute(update(Job).values(state=JobState.SUCCEEDED))

    event.listen(engine, "after_cursor_execute", end)
    try:
        assert orphans.remove_orphans() == 0
    finally:
        event.remove(engine, "after_cursor_execute", end)
    assert ended
    assert store().exists(made)


def test_an_object_never_uses_up_the_spare_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = Store(f"file://{tmp_path}/objects")
    left = iter([room.SPARE_BYTES + RUNS_OVER, room.SPARE_BYTES + 1, room.SPARE_BYTES - 1])
    monkeypatch.setattr(Store, "free_bytes", lambda _: next(left))
    with pytest.raises(StorageFullError):
        made.put("a/b", iter([bytes(room.CHECKED_EVERY)] * 3))
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [], "nothing of it is kept"
