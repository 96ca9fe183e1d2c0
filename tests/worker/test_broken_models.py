"""Models that do not know the private images never PASS or FAIL, and the result says why."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import torch

from app.db.models import Audit, Reconstruction, Release
from app.db.session import sync_session
from app.jobs.stages import NEEDS_RELEASE_THAT_FITS
from app.storage import store
from tests.examinations import examination
from tests.worker.documents import check_document
from tests.worker.rows import drain, get_audit, jobs_of
from tests.worker.test_audit import count
from tests.worker.test_verified import PixelVerifier, judges  # noqa: F401 - a fixture
from tests.worker.tiny import (
    ARCHITECTURE,
    CLASSES,
    HYPERPARAMETERS,
    repeat_audit,
    save_target,
    tiny_audit,
    trained,
)
from worker.evidence.files import sha256_of
from worker.inversion.targets import build_network
from worker.runtime.run import run_claimed

pytestmark = pytest.mark.usefixtures("settings_env")


def constant() -> dict[str, torch.Tensor]:
    """Return a model with the same output for every image: its last layer has only a bias."""
    state = build_network(ARCHITECTURE, HYPERPARAMETERS, CLASSES, 1, seed=0).state_dict()
    last = [name for name in state if name.endswith("weight")][-1]
    assert state[last].shape[0] == CLASSES
    return state | {last: torch.zeros_like(state[last])}


def audited(first: UUID, state: dict[str, torch.Tensor], file: Path) -> Audit:
    """Add an audit of the same plan after replacing the release's weights."""
    save_target(file, state)
    store().upload(file, "tiny/model.safetensors")
    with sync_session() as session:
        release = session.get_one(Release, session.get_one(Audit, first).release_id)
        release.examination = examination(checkpoint_sha256=sha256_of(file))
    audit_id = repeat_audit(first, setting="baseline")
    drain(audit_id, run_claimed)
    return get_audit(audit_id)


def test_a_model_with_permuted_labels_is_not_attacked_and_one_without_is_judged(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    permuted = audited(first, trained(shift=3), tmp_path / "permuted.safetensors")
    assert permuted.problem is None, permuted.problem
    assert (permuted.verdict, permuted.risk) == ("INCONCLUSIVE", None)
    assert permuted.result is not None
    check_document(permuted.result)
    assert permuted.result["fit"]["accuracy"]["value"] <= 0.2
    assert permuted.result["stopped"]["code"] in {"at_chance", "class_order"}
    assert "the order of the class names" in permuted.result["stopped"]["detail"]
    assert "before anything was attacked" in permuted.result["sentence"]
    assert count(Reconstruction, permuted.id) == 0
    for stage in NEEDS_RELEASE_THAT_FITS:
        assert [job.result for job in jobs_of(permuted.id, stage)] == [
            {"skipped": permuted.result["stopped"]["code"]} for _ in jobs_of(permuted.id, stage)
        ]
    right = audited(first, trained(shift=0), tmp_path / "right.safetensors")
    assert right.result is not None
    assert right.result["figures"]["target_accuracy_on_references"]["value"] > 0.9
    assert (right.evidence_level, right.result["stopped"]) == ("verified", None)
    assert not any("no better than guessing" in line for line in right.result["decides"])


def test_a_constant_model_is_not_attacked(tmp_path: Path) -> None:
    audit = audited(tiny_audit(tmp_path, setting="baseline"), constant(), tmp_path / "constant.safetensors")
    assert (audit.state, audit.verdict) == ("failed", None)
    assert audit.problem is not None
    assert "the same output for every image" in audit.problem["detail"]
