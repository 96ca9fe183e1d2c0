"""Retention deletes expired images and their keys, and nothing else."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from app.db.models import Audit, DatasetRole, IdempotencyKey, Reconstruction, Release, Upload, Verifier
from app.db.session import sync_session
from app.jobs.sheets import training_key
from app.scheduler.retention import forget_trainings, sweep
from app.settings import settings
from app.storage.store import Store, store
from app.vault.keys import find_key, make_key, pictures_of
from tests.worker.rows import make_audit, make_dataset, make_project, make_release

pytestmark = pytest.mark.usefixtures("settings_env")

PAST, FUTURE = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)


def audit_with_image(**values: Any) -> UUID:
    audit_id, _ = make_audit(jobs=False)
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        make_key(session, audit.project_id, pictures_of(audit_id))
        for name, value in ({"state": "succeeded"} | values).items():
            setattr(audit, name, value)
        image = Reconstruction(audit_id=audit_id, project_id=audit.project_id, source="attack", identity=0, seed=0)
        image.restart, image.submitted, image.sealed_image, image.digest = 0, True, b"sealed", "0" * 64
        image.sealed_film, image.film_steps = b"sealed", [0, 1]
        session.add(image)
    return audit_id


def kept(audit_id: UUID) -> tuple[bool, bool, str]:
    """Return whether there is a key and an image, and the digest."""
    with sync_session() as session:
        image = session.execute(select(Reconstruction).where(Reconstruction.audit_id == audit_id)).scalar_one()
        key = find_key(session, pictures_of(audit_id))
        assert (session.get_one(Audit, audit_id).images_deleted_at is None) == (key is not None)
        assert (image.sealed_film is None) == (image.sealed_image is None)
        return key is not None, image.sealed_image is not None, image.digest


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ({"delete_images_at": PAST}, False),
        ({"delete_images_at": FUTURE}, True),
        ({"delete_images_at": PAST, "state": "running"}, True),
    ],
    ids=["due", "not yet", "still running"],
)
def test_images_and_key_go_together_when_due(values: dict[str, Any], stays: bool) -> None:
    audit_id = audit_with_image(**values)
    with sync_session() as session:
        assert sweep(session)["images"] == (0 if stays else 1)
    assert kept(audit_id) == (stays, stays, "0" * 64)


def test_expired_rows_go() -> None:
    subject = UUID(int=1)
    with sync_session() as session:
        for key, expires in (("old", PAST), ("new", FUTURE)):
            session.add(IdempotencyKey(subject_id=subject, key=key, request_hash=b"", expires_at=expires))
    with sync_session() as session:
        assert sweep(session)["idempotency_keys"] == 1
    with sync_session() as session:
        assert session.execute(select(IdempotencyKey.key)).scalars().all() == ["new"]


def test_an_upload_that_never_came_is_rejected_after_a_day() -> None:
    with sync_session() as session:
        project = make_project(session)
        old = make_release(session, project, state="awaiting_upload", created_at=datetime.now(UTC) - timedelta(days=2))
        new = make_release(session, project, state="awaiting_upload")
        ready = make_dataset(session, project, DatasetRole.PUBLIC, created_at=datetime.now(UTC) - timedelta(days=2))
    with sync_session() as session:
        assert sweep(session)["uploads"] == 1
    with sync_session() as session:
        assert session.get_one(Release, old.id).state == "refused"
        assert session.get_one(Release, new.id).state == "awaiting_upload"
        assert session.get_one(type(ready), ready.id).state == "ready"


def test_nothing_is_abandoned_while_its_file_comes_in() -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with sync_session() as session:
        project = make_project(session)
        waiting = {"state": "awaiting_upload", "created_at": long_ago}
        verifier = Verifier(project_id=project.id, name="v", convention={}, **waiting)
        session.add(verifier)
        owners = (
            ("release_id", make_release(session, project, **waiting)),
            ("dataset_id", make_dataset(session, project, DatasetRole.PUBLIC, **waiting)),
            ("verifier_id", verifier),
        )
        session.flush()
        more = {"project_id": project.id, "requested_by": "dana", "length": 1, "expires_at": FUTURE}
        session.add_all(Upload(**more, **{column: owner.id}) for column, owner in owners)
    with sync_session() as session:
        assert sweep(session)["uploads"] == 0
        session.execute(update(Upload).values(state="expired"))
        assert sweep(session)["uploads"] == 3


def test_a_state_of_training_left_for_a_week_goes_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    made.write_bytes(b"made")
    project = uuid4()
    old, new = training_key(project, "sha256:0f"), training_key(project, "sha256:1f")
    artifact = f"artifacts/{project}/prior/0f-0123456789abcdef"
    for key in (old, new, artifact):
        store().upload(made, key)
    root = Path(settings().object_store_url.removeprefix("file://"))
    for key in (old, artifact):
        os.utime(root / key, (0, 0))
    seen: list[str] = []
    listed = Store.listed

    def listing(self: Store, prefix: str, *, older_than: datetime) -> list[str]:
        seen.extend(listed(self, prefix, older_than=datetime.max.replace(tzinfo=UTC)))
        return listed(self, prefix, older_than=older_than)

    monkeypatch.setattr(Store, "listed", listing)
    assert forget_trainings() == 1
    assert [store().exists(key) for key in (old, new, artifact)] == [False, True, True]
    assert sorted(seen) == sorted([old, new])  # the artifacts of the store were not even listed
