"""An earlier release or audit is used only if it is the one that the gate file asks for."""

from typing import Any

import pytest

from app.cli.gate.alike import described_alike, planned_alike
from app.contract.plan import Plan, PlanSummary
from exhume import AuditSummary, Release
from tests.unit.cli.gate.folder import DESCRIPTION
from tests.worker.rows import PLAN

RELEASE = {
    **{"id": "rel_1", "project_id": "prj_1", "target_id": "tgt_1", "target_name": "door", "version": "1"},
    **{"architecture": "timm/resnet18", "hyperparameters": {"width": 8}, "classes": ["ada", "bob"], "class_count": 2},
    "convention": {"height": 8, "width": 8, "channels": 1, "mean": [0.0], "std": [1.0], "channel_order": "RGB"},
    **{"classes_are": "person", "class_order_confirmed": False, "state": "ready", "problem": None, "sha256": "aa"},
    **{"twin_of": None, "examination": None},
}


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"architecture": "auto"}, True),
        ({"architecture": "timm/resnet18", "hyperparameters": {"width": 8}}, True),
        ({"architecture": "timm/resnet34"}, False),
        ({"hyperparameters": {"width": 9}}, False),
        ({"classes": ["bob", "ada"]}, False),
        ({"classes": [" ada ", "bob"]}, True),
        ({"classes_are": "object"}, False),
        ({"convention": {"height": 8, "width": 8, "channels": 1, "mean": [0.5]}}, False),
    ],
)
def test_a_release_is_compared_by_all_that_its_network_is_built_from(change: dict[str, Any], alike: bool) -> None:
    assert described_alike(Release.model_validate(RELEASE), DESCRIPTION | change) == alike


def audit(**plan: Any) -> AuditSummary:
    release = {"id": "rel_1", "version": "1", "target_id": "tgt_1", "target_name": "door"}
    nothing = ("problem", "verdict", "sentence", "evidence_level", "risk", "risk_low", "risk_high", "finished_at")
    shown = PlanSummary.of(Plan.load(Plan.load(PLAN).document() | plan))
    return AuditSummary.model_validate(
        {
            **{"id": "aud_1", "project_id": "prj_1", "release": release, "state": "succeeded"},
            **{"plan": shown, "created_at": "2026-11-29T00:00:00Z"},
            **{"public_dataset": {"id": "dst_1"}, "private_dataset": {"id": "dst_2"}, "gallery_dataset": None},
            "estimate": {"seconds": 1.0, "measured": False, "identities": 4, "concludes": []},
            **dict.fromkeys(nothing),
        }
    )


REQUEST = {
    **{"release_id": "rel_1", "public_dataset_id": "dst_1", "private_dataset_id": "dst_2", "budget": 0.05},
    **{"effort": "quick", "seed": 0, "combination": "union"},
}
CHOSEN = {"name": "mine", "digest": "sha256:0", "source": "uploaded", "convention": {}}


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"budget": 0.5}, True),
        ({"identities": 4}, True),
        ({"identities": 3}, False),
        ({"attacks": ["gmi"], "setting": "baseline", "prior": "trained"}, True),
        ({"attacks": ["gmi", "kedmi"]}, False),
        ({"setting": "lomma"}, False),
        ({"prior": "pca"}, False),
        ({"effort": "deep"}, False),
        ({"seed": 1}, False),
        ({"release_id": "rel_2"}, False),
        ({"private_dataset_id": "dst_3"}, False),
        ({"gallery_dataset_id": "dst_3"}, False),
        ({"release_plan": "hosted"}, False),
    ],
)
def test_an_audit_is_compared_by_all_that_is_asked_for(change: dict[str, Any], alike: bool) -> None:
    assert planned_alike(audit(), REQUEST | change, None) == alike


def test_chosen_verifiers_must_be_the_same() -> None:
    chosen = audit(verifiers=[CHOSEN], verifiers_chosen=True)
    assert planned_alike(chosen, REQUEST, ["mine"])
    assert not planned_alike(chosen, REQUEST, ["other"])
    assert not planned_alike(chosen, REQUEST, None)
    assert not planned_alike(audit(), REQUEST, ["mine"])


@pytest.mark.parametrize(
    ("change", "alike"), [({}, False), ({"stop_early": True}, True), ({"stop_early": True, "budget": 0.1}, False)]
)
def test_an_audit_that_may_have_ended_early_answers_only_for_its_budget(change: dict[str, Any], alike: bool) -> None:
    look = {"identities": [0, 1], "alpha": 0.001}
    assert planned_alike(audit(look=look), REQUEST | change, None) is alike
    assert planned_alike(audit(), REQUEST | change, None), "one of everybody answers every such question"
