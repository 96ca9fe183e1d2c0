"""Models that know nothing of the private images, through the real stages: never PASS, never FAIL, and why."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from app.db.models import Audit, Release
from app.db.session import sync_session
from app.storage import store
from tests.worker.rows import drain, get_audit
from tests.worker.test_verified import PixelVerifier, judges  # noqa: F401 - a fixture
from tests.worker.tiny import (
    ARCHITECTURE,
    CLASSES,
    HYPERPARAMETERS,
    PER_CLASS,
    SIDE,
    blobs,
    repeat_audit,
    tiny_audit,
)
from worker.inversion.data import to_tensor
from worker.inversion.targets import InputConvention, Target, build_network
from worker.runtime.run import run_claimed
from worker.stages.files import sha256_of

pytestmark = pytest.mark.usefixtures("settings_env")


def constant() -> dict[str, torch.Tensor]:
    """Says the same of every image: its last layer has no weights, only a bias."""
    state = build_network(ARCHITECTURE, HYPERPARAMETERS, CLASSES, 1, seed=0).state_dict()
    last = [name for name in state if name.endswith("weight")][-1]
    assert state[last].shape[0] == CLASSES
    return state | {last: torch.zeros_like(state[last])}


def trained(*, shift: int) -> dict[str, torch.Tensor]:
    """Knows the private images, and calls them by their own names (shift 0) or by those of others."""
    images, labels = blobs(range(CLASSES), PER_CLASS, seed=2)
    network = build_network(ARCHITECTURE, HYPERPARAMETERS, CLASSES, 1, seed=0)
    target = Target(network, InputConvention(SIDE, SIDE, 1), CLASSES).train()
    x, y = to_tensor(images), torch.from_numpy((labels + shift) % CLASSES)
    optimiser = torch.optim.AdamW(target.parameters(), lr=0.01)
    torch.manual_seed(0)
    for _ in range(40):
        optimiser.zero_grad()
        F.cross_entropy(target(x).logits, y).backward()
        optimiser.step()
    return network.state_dict()


def audited(first: UUID, state: dict[str, torch.Tensor], file: Path) -> Audit:
    """Another audit of the same plan, after the release's weights were changed behind its back."""
    save_file({name: value.contiguous() for name, value in state.items()}, file)
    store().upload(file, "tiny/model.safetensors")
    with sync_session() as session:
        release = session.get_one(Release, session.get_one(Audit, first).release_id)
        release.examination = {"checkpoint_sha256": sha256_of(file)}
    audit_id = repeat_audit(first, setting="baseline")
    drain(audit_id, run_claimed)
    return get_audit(audit_id)


def test_a_model_with_permuted_labels_is_inconclusive_with_the_reason_and_one_without_is_judged(
    tmp_path: Path,
    judges: list[PixelVerifier],  # noqa: F811
) -> None:
    first = tiny_audit(tmp_path, setting="baseline")
    permuted = audited(first, trained(shift=3), tmp_path / "permuted.safetensors")
    assert permuted.problem is None, permuted.problem
    assert (permuted.evidence_level, permuted.verdict) == ("verified", "INCONCLUSIVE")
    assert permuted.result is not None
    assert permuted.result["figures"]["target_accuracy_on_references"]["value"] <= 0.2
    said = " ".join(permuted.result["decides"])
    assert "no better than guessing among 8" in said
    assert "the order of its class names" in said
    right = audited(first, trained(shift=0), tmp_path / "right.safetensors")
    assert right.result is not None
    assert right.result["figures"]["target_accuracy_on_references"]["value"] > 0.9
    assert not any("no better than guessing" in line for line in right.result["decides"])


def test_a_constant_model_is_not_attacked(tmp_path: Path) -> None:
    audit = audited(tiny_audit(tmp_path, setting="baseline"), constant(), tmp_path / "constant.safetensors")
    assert (audit.state, audit.verdict) == ("failed", None)
    assert audit.problem is not None
    assert "the same output for every image" in audit.problem["detail"]
