"""An audit uses exactly the data sets that were checked: pixels, labels, split and names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from app.db.models import Audit, Dataset
from app.db.session import sync_session
from app.jobs.stages import Stage
from app.storage import store
from tests.sealed import fetched
from tests.worker.rows import drain, get_audit, jobs_of
from tests.worker.test_audit import run_audit
from tests.worker.test_verified import PixelVerifier, judges  # noqa: F401 - a fixture
from tests.worker.tiny import digest_of, repeat_audit, save_images, tiny_audit
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")

SMALL: dict[str, Any] = {"setting": "baseline", "identities": [1]}
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def set_of(audit_id: UUID, role: str) -> Dataset:
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        return session.get_one(Dataset, audit.private_dataset_id if role == "private" else audit.public_dataset_id)


def rewrite(audit_id: UUID, role: str, folder: Path, change: Callable[[Arrays], Arrays], **row: Any) -> None:
    """Change the stored data set and, for a set taken in like this, its row."""
    dataset = set_of(audit_id, role)
    key = dataset.object_key or ""
    fetched(key, folder / "set.npz")
    with np.load(folder / "set.npz") as packed:
        images, labels, split = change((packed["images"], packed["labels"], packed["split"]))
    save_images(folder / "set.npz", images, labels, split.tolist())
    store().upload(folder / "set.npz", key)
    with sync_session() as session:
        stored = session.get_one(Dataset, dataset.id)
        for name, value in row.items():
            setattr(stored, name, value(images, labels, split) if callable(value) else value)


def swapped_labels(arrays: Arrays) -> Arrays:
    images, labels, split = arrays
    return images, np.where(labels < 2, 1 - labels, labels), split


def swapped_split(arrays: Arrays) -> Arrays:
    images, labels, split = arrays
    return images, labels, np.where(np.arange(len(split)) % 6 == 1, "held-out", "train")


def other_pixels(arrays: Arrays) -> Arrays:
    images, labels, split = arrays
    return images ^ np.uint8(1), labels, split


@pytest.mark.parametrize(
    ("role", "change", "what"),
    [
        ("private", swapped_labels, "labels, split or names"),
        ("private", swapped_split, "labels, split or names"),
        ("private", other_pixels, "pixels"),
        ("public", other_pixels, "pixels"),
        ("public", swapped_split, "labels, split or names"),
    ],
)
def test_a_stored_set_that_changed_is_not_used(
    tmp_path: Path, role: str, change: Callable[[Arrays], Arrays], what: str
) -> None:
    audit_id = tiny_audit(tmp_path, **SMALL)
    rewrite(audit_id, role, tmp_path, change)
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is not None
    assert audit.problem["code"] == "images_changed"
    assert (
        f"{set_of(audit_id, role).name!r} is not the one that was checked: its {what} changed"
        in audit.problem["detail"]
    )
    assert audit.result is None


def test_changed_names_stop_an_audit(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **SMALL)
    with sync_session() as session:
        private = session.get_one(Dataset, session.get_one(Audit, audit_id).private_dataset_id)
        private.identities = [*reversed(private.identities or [])]
    drain(audit_id, run_claimed)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "images_changed"


def test_a_set_that_is_not_the_one_of_the_plan_is_rejected(tmp_path: Path) -> None:
    """The row was rewritten with the file, so only the plan has the original digest."""
    planned = {"public": None, "private": "sha256:" + "7" * 64, "gallery": None}
    audit_id = tiny_audit(tmp_path, datasets=planned, **SMALL)
    drain(audit_id, run_claimed)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "images_changed"
    assert "planned with" in problem["detail"]
    assert set_of(audit_id, "private").digest in problem["detail"]


def test_the_plan_still_binds_a_set_whose_row_lost_its_digest(tmp_path: Path) -> None:
    planned = {"public": None, "private": "sha256:" + "7" * 64, "gallery": None}
    audit_id = tiny_audit(tmp_path, datasets=planned, **SMALL)
    with sync_session() as session:
        session.get_one(Dataset, session.get_one(Audit, audit_id).private_dataset_id).digest = None
    drain(audit_id, run_claimed)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "images_changed"


def test_a_set_from_before_digests_is_bound_when_it_is_first_opened_and_says_so(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **SMALL)
    digests = {role: set_of(audit_id, role).digest for role in ("public", "private")}
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        for dataset_id in (audit.public_dataset_id, audit.private_dataset_id):
            session.get_one(Dataset, dataset_id).digest = None
    result = run_audit(audit_id).result
    assert result is not None
    for role, digest in digests.items():
        dataset = set_of(audit_id, role)
        assert dataset.digest == digest == result["inputs"][role]
        (note,) = dataset.notes or []
        assert "Whether they had changed before is not known" in note
        assert f"Data set {dataset.name!r}: {note}" in result["notes"]
    rewrite(audit_id, "private", tmp_path, swapped_labels)
    again = repeat_audit(audit_id, **SMALL)
    drain(again, run_claimed)
    problem = get_audit(again).problem
    assert problem is not None
    assert problem["code"] == "images_changed"


def test_notes_of_the_sets_reach_the_result(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **SMALL)
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        session.get_one(Dataset, audit.public_dataset_id).notes = ["3 images have transparency; it was dropped."]
    result = run_audit(audit_id).result
    assert result is not None
    name = set_of(audit_id, "public").name
    assert f"Data set {name!r}: 3 images have transparency; it was dropped." in result["notes"]


def test_a_power_check_is_measured_again_when_held_out_images_change(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    """The reference model is trained on the other images and stays the same.

    The images that it is measured on change.
    """
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1, 2])
    run_audit(audit_id)

    def changed(arrays: Arrays) -> Arrays:
        images, labels, split = arrays
        images[np.flatnonzero(split == "held-out")[0], 0, 0] ^= 1
        return images, labels, split

    names = set_of(audit_id, "private").identities or []
    rewrite(
        audit_id,
        "private",
        tmp_path,
        changed,
        digest=lambda images, labels, split: digest_of(images, labels, split.tolist(), names),
        images_digest=lambda images, labels, split: images_digest(images),
    )
    again = repeat_audit(audit_id, setting="baseline", identities=[0, 1, 2])
    run_audit(again)
    first, second = (jobs_of(one, Stage.POWER)[0].result or {} for one in (audit_id, again))
    assert first["reference"]["digest"] == second["reference"]["digest"]
    assert first["key"] != second["key"]
    assert second["reused"] is False


def renamed(audit_id: UUID, names: list[str]) -> None:
    """Give the set these names, as intake would."""
    dataset = set_of(audit_id, "private")
    with sync_session() as session:
        row = session.get_one(Dataset, dataset.id)
        row.identities, row.digest = names, None


def test_a_stranger_in_the_private_set_is_left_out_with_a_note(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, setting="baseline", identities=[0, 1])
    renamed(audit_id, ["Class 0", "class 1 ", *(f"class {n}" for n in range(2, 7)), "Eve"])
    result = run_audit(audit_id).result
    assert result is not None
    notes = " ".join(result["notes"])
    assert "1 identity is not a class of the release and was left out: 'Eve'" in notes
    assert "'Class 0' is class 'class 0'; 'class 1<U+0020>' is class 'class 1'" in notes
    assert result["coverage"]["scored"] == 2
    assert result["evaluator"]["n"] == 7, "held-out images of seven classes, without those of the stranger"


def test_a_private_set_of_other_people_is_rejected(tmp_path: Path) -> None:
    audit_id = tiny_audit(tmp_path, **SMALL)
    renamed(audit_id, [*(f"class {n}" for n in range(3)), *(f"other {n}" for n in range(5))])
    drain(audit_id, run_claimed)
    problem = get_audit(audit_id).problem
    assert problem is not None
    assert problem["code"] == "unknown_identities"
    assert "5 of 8 identities" in problem["detail"]
    assert "'other 0', 'other 1'" in problem["detail"]
