"""Bad input through the real stages: each kind prevents a PASS, and the result says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

import worker.stages.verify as verify
from app.db.models import Audit, Dataset
from app.db.session import sync_session
from app.storage import store
from tests.worker.rows import drain, get_audit
from tests.worker.test_verified import PixelVerifier, judges, seat_these  # noqa: F401 - a fixture
from tests.worker.tiny import CLASSES, PER_CLASS, blobs, digest_of, save_images, tiny_audit
from worker.evidence.reconstructions import ATTACK
from worker.inversion.data import images_digest
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


def prepared(
    folder: Path, *, private: Callable[[np.ndarray], np.ndarray] | None = None, stolen: int = 0, **plan: Any
) -> UUID:
    """Store a tiny audit with other references or with private images in the public set.

    Args:
        private: maps the labels of the private images to those to keep. There are 6 per class,
            and the first of each is held out.
        stolen: number of private images in the public set.
    """
    audit_id = tiny_audit(folder, setting="baseline", **plan)
    images, labels = blobs(range(CLASSES), PER_CLASS, seed=2)
    with sync_session() as session:
        audit = session.get_one(Audit, audit_id)
        if private is not None:
            keep = private(labels)
            split = ["held-out" if i % PER_CLASS == 0 else "train" for i in np.flatnonzero(keep)]
            replaced(session.get_one(Dataset, audit.private_dataset_id), folder, images[keep], labels[keep], split)
        if stolen:
            public, _ = blobs(range(100, 120), 5, seed=1)
            public = np.concatenate([public, images[:stolen]])
            nobody = np.full(len(public), -1)
            row = session.get_one(Dataset, audit.public_dataset_id)
            replaced(row, folder, public, nobody, ["train"] * len(public))
    return audit_id


def replaced(row: Dataset, folder: Path, images: np.ndarray, labels: np.ndarray, split: list[str]) -> None:
    assert row.object_key is not None
    save_images(folder / "other.npz", images, labels, split)
    store().upload(folder / "other.npz", row.object_key)
    row.images_digest = images_digest(images)
    row.digest = digest_of(images, labels, split, row.identities or [])


def ended(audit_id: UUID) -> dict[str, Any]:
    drain(audit_id, run_claimed)
    audit = get_audit(audit_id)
    assert audit.problem is None, audit.problem
    assert audit.result is not None
    assert audit.verdict == "INCONCLUSIVE"
    return audit.result


def test_people_without_references_are_named_and_private_images_among_the_public_ones_are_counted(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    result = ended(prepared(tmp_path, private=lambda labels: labels != 5, stolen=3))
    assert (result["coverage"]["planned"], result["coverage"]["scored"]) == (6, 5)
    assert result["reasons"] == ["Private training images are missing for 1 person of the plan."]
    assert result["decides"] == ["Add private training images for 1 person of the plan, such as class 5."]
    assert result["contamination"] == {"compared": True, "exact": 3, "near": 0, "alike": 0}


def test_one_image_of_each_and_too_few_people_say_what_is_missing(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    one_each = prepared(tmp_path, private=lambda labels: np.arange(len(labels)) % PER_CLASS == 1, verifiers_chosen=True)
    result = ended(one_each)
    assert "sensitivity_unknown" in result["reason_codes"]
    said = " ".join(result["decides"])
    assert "Provide two or more private images of each person." in said
    assert "the model has 8, and about 59 are needed for a budget of 5 % (more if the verifiers miss" in said
    assert "Audit " not in said, "there are no 59 people"
    assert result["evaluator"] is None, "too few images to train one"


def test_shipped_verifiers_judge_by_default_only_where_they_are_shown_to_see(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    result = ended(prepared(tmp_path, private=lambda labels: np.arange(len(labels)) % PER_CLASS == 1))
    assert result["evidence_level"] == "unreferenced"
    assert [card["refused"] for card in result["verifiers"]] == [True, True]
    assert "Nothing shows that the shipped verifier pixels-1 recognises images of this kind" in result["notes"][0]
    assert "the verdict will be INCONCLUSIVE" in result["notes"][-1]


class Tops(PixelVerifier):
    """A verifier that only sees the upper rows."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        return super().embed(images[:, :12])


def test_verifiers_that_disagree_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [PixelVerifier(1), Tops(2)]
    seat_these(monkeypatch, pair)
    images, labels = blobs(range(CLASSES), PER_CLASS, seed=3)
    real = verify.read_pictures

    def planted(session: Any, inputs: Any) -> Any:
        """Make reconstructions that show their person below and the next person above."""
        made = []
        for one in real(session, inputs):
            if one.source == ATTACK:
                image = images[labels == one.identity][0].copy()
                image[:8] = images[labels == (one.identity + 1) % CLASSES][0][:8]
                one = replace(one, image=image)  # noqa: PLW2901
            made.append(one)
        return made

    monkeypatch.setattr(verify, "read_pictures", planted)
    result = ended(prepared(tmp_path))
    assert [card["refused"] for card in result["verifiers"]] == [False, False], "each sees real images well"
    assert result["figures"]["verified"]["value"] == 0
    assert result["figures"]["verifier_pixels-1"]["value"] >= 0.5
    assert "The verifiers disagree: pixels-1 alone recognises" in " ".join(result["reasons"])
    assert "Add a third, independent verifier." in result["decides"]
