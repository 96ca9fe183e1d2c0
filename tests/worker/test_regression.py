"""The choice of the earlier audit for the comparison, and its result."""

import unicodedata
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from app.contract.plan import Plan
from app.contract.result import Result
from app.db.models import Audit, DatasetRole, IdentityOutcome, Release
from app.db.session import sync_session
from tests.results import RESULT
from tests.worker.rows import PLAN, an_audit, make_dataset, make_project, make_release
from worker.report.regression import comparable, compared, same_references

pytestmark = pytest.mark.usefixtures("settings_env")
PEOPLE = ["Jos\N{LATIN SMALL LETTER E WITH ACUTE}", *(f"person {n}" for n in range(1, 40))]


def outcomes(exposed: int) -> list[dict[str, Any]]:
    details = {"controls": {"prior": 0.0, "permuted": 0.01}}
    return [{"name": name, "verified": at < exposed, "details": details} for at, name in enumerate(PEOPLE)]


def with_fit(state: str) -> dict[str, Any]:
    return RESULT | {"fit": RESULT["fit"] | {"state": state}}


def before_fit(decides: str) -> dict[str, Any]:
    """Return a result of a version that did not measure the fit."""
    old = {name: part for name, part in RESULT.items() if name not in {"fit", "reason_codes", "decide_codes"}}
    return old | {"decides": [decides]}


def add_audit(session: Any, release: Release, public: UUID, exposed: int, **values: Any) -> Audit:
    finished: dict[str, Any] = {"state": "succeeded", "evidence_level": "verified", "verdict": "FAIL", "risk": 0.2}
    finished |= {"result": RESULT, "public_dataset_id": public} | values
    audit = an_audit(project_id=release.project_id, release_id=release.id, **finished)
    session.add(audit)
    session.flush()
    for at, row in enumerate(outcomes(exposed)):
        row["name"] = unicodedata.normalize("NFD", row["name"])  # as releases from before names had one form
        session.add(IdentityOutcome(audit_id=audit.id, project_id=release.project_id, identity=at, **row))
    session.flush()
    return audit


def test_the_newest_comparable_audit_of_another_release_is_compared() -> None:
    with sync_session() as session:
        project = make_project(session)
        old = make_release(session, project)
        shared = {"project_id": project.id, "target_id": old.target_id, "architecture": "a", "hyperparameters": {}}
        new = Release(version="2", convention={}, classes=PEOPLE, **shared)
        twin = Release(version="1-twin", convention={}, classes=PEOPLE, twin_of=old.id, replaced=[], **shared)
        session.add_all([new, twin])
        session.flush()
        public = make_dataset(session, project, DatasetRole.PUBLIC).id
        mine = add_audit(session, new, public, 0)
        inputs: Any = SimpleNamespace(
            release_id=new.id,
            audit_id=mine.id,
            plan=Plan.load(PLAN | {"budget": 0.01}),
            public=SimpleNamespace(id=public),
            private=None,
            classes_are="person",
        )
        result = Result.load(RESULT)
        alone = compared(session, inputs, result, outcomes(20))
        assert alone.difference is None
        assert "No earlier release" in str(alone.reason)

        wanted = add_audit(session, old, public, 4)
        add_audit(session, old, public, 40, plan=PLAN | {"setting": "lomma"})
        add_audit(session, old, public, 40, evidence_level="evaluator")
        add_audit(session, old, public, 40, replay_of=wanted.id)
        add_audit(session, twin, public, 40)
        add_audit(session, old, make_dataset(session, project, DatasetRole.PUBLIC).id, 40)
        chance = add_audit(session, old, public, 0, result=with_fit("at_chance"))
        older = add_audit(session, old, public, 0, result=before_fit("no better than guessing among 40: this may"))
        halted = add_audit(
            session, old, public, 0, result=RESULT | {"stopped": {"code": "class_order", "detail": "..."}}
        )
        assert {chance.id, older.id, halted.id}.isdisjoint({wanted.id})
        found = compared(session, inputs, result, outcomes(20))
        assert found.audit == f"aud_{wanted.id.hex}"
        assert (found.version, found.shared, found.newly_exposed) == ("1", 40, 16)
        assert found.difference is not None
        assert found.sentence is not None
        assert found.difference.value == pytest.approx(16 / 40, abs=0.01)
        assert found.difference.low > 0.2
        assert (found.difference.format, found.difference.n) == ("difference", 40)
        assert found.sentence.startswith("Against release 1: R +40.4 points (95 % interval +")
        assert "40 shared people, 16 newly recognised" in found.sentence
        for state in ("below_floor", "at_chance"):
            none = compared(session, inputs, Result.load(with_fit(state)), outcomes(0))
            assert none.difference is None, "R of a model that does not know its images is not compared"
            assert "does not label its own training images" in str(none.reason)
        assert [point.version for point in found.history] == ["1"]

        add_audit(session, old, public, 24, created_at=wanted.created_at + timedelta(seconds=1))
        again = compared(session, inputs, result, outcomes(20))
        changes = [round(point.difference.value, 1) for point in again.history if point.difference is not None]
        assert changes == [0.4, -0.1], "every audit of the history is compared, oldest first"
        assert again.difference == again.history[-1].difference
        assert again.history[0].difference == found.difference


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"budget": 0.5}, True),
        ({"seed": 9}, True),
        ({"steps": 9}, False),
        ({"verifiers": []}, False),
        ({"datasets": {"public": "sha256:a", "private": "sha256:b", "gallery": None}}, True),
    ],
)
def test_plans_are_comparable_when_they_measure_alike(change: dict[str, Any], same: bool) -> None:
    assert comparable(Plan.load(PLAN), Plan.load(PLAN | change)) is same


@pytest.mark.parametrize(("role", "same"), [("public", False), ("gallery", False), ("private", True)])
def test_labels_of_the_public_set_and_the_gallery_have_to_be_the_same(role: str, same: bool) -> None:
    sets = {"public": "sha256:a", "private": "sha256:b", "gallery": "sha256:c"}
    mine, other, unknown = (
        Plan.load(PLAN | {"datasets": sets | change}) for change in ({}, {role: "sha256:other"}, {role: None})
    )
    assert comparable(mine, mine)
    assert comparable(mine, other) is same
    assert comparable(mine, unknown)


@pytest.mark.parametrize(
    ("mine", "recorded", "same"),
    [
        ("sha256:a", "sha256:a", True),
        ("sha256:a", "sha256:b", False),
        (None, "sha256:a", None),
        ("sha256:a", None, None),
    ],
)
def test_a_comparison_says_whether_the_private_set_is_another_one(
    mine: str | None, recorded: str | None, same: bool | None
) -> None:
    inputs: Any = SimpleNamespace(private=SimpleNamespace(digest=mine))
    assert same_references(inputs, recorded) is same
