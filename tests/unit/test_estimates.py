"""Estimates: they grow with the work, and say what can't be concluded."""

import pytest

from app.jobs.estimates import estimate, identities_for
from app.jobs.stages import AUDIT_STAGES

PLAN = {"setting": "lomma", "students": 3, "identities": list(range(30)), "restarts": 4, "steps": 250}
PLAN |= {"shard_size": 10, "budget": 0.05}
SIZES = {"height": 32, "width": 32, "channels": 1, "public_images": 2000, "private_images": 1350}


def test_every_stage_is_estimated_and_they_add_up() -> None:
    said = estimate(PLAN, **SIZES)
    assert list(said["stages"]) == [stage.value for stage in AUDIT_STAGES]
    assert said["seconds"] == pytest.approx(sum(said["stages"].values()), abs=0.1)


def test_students_cost_only_where_they_are_used_and_not_there_yet() -> None:
    lomma, lom = estimate(PLAN, **SIZES), estimate(PLAN | {"setting": "lom"}, **SIZES)
    reused = estimate(PLAN, **SIZES, students_ready=True)
    assert lom["stages"]["students"] == reused["stages"]["students"] < lomma["stages"]["students"]
    assert lom["stages"]["attack"] < lomma["stages"]["attack"]


@pytest.mark.parametrize(("budget", "identities"), [(0.05, 59), (0.02, 149), (0.01, 299)])
def test_identities_that_a_budget_needs(budget: float, identities: int) -> None:
    assert identities_for(budget) == identities


def test_what_cannot_be_concluded_is_said_before() -> None:
    assert "not its absence" in estimate(PLAN, **SIZES)["conclusions"][-1]
    assert "INCONCLUSIVE" in estimate(PLAN, **(SIZES | {"private_images": 0}))["conclusions"][0]
    enough = estimate(PLAN | {"identities": list(range(60))}, **SIZES)
    assert len(enough["conclusions"]) == 1
