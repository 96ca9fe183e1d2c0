"""Sentences on what can decide an audit are true and use the bounds of the verdict."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.contract.nouns import NOUNS
from app.sentences.about import About
from app.sentences.deciding import STEPS, steps
from app.sentences.estimate import conclusions
from app.sufficiency.deciding import Known, deciding, smallest_budget
from app.sufficiency.evidence_needed import (
    Sensitivity,
    all_hit_bound,
    fewest_for_fail,
    fewest_for_pass,
    round_up,
    zero_hit_bound,
)
from worker.evaluation.rates import VerifierError
from worker.evaluation.risk import risk
from worker.evaluation.statistics import clopper_pearson
from worker.evaluation.verdict import verdict

OF_22 = Known(classes=22, referenced=22, audited=22, budget=0.05)


def codes(known: Known) -> list[str]:
    return [one.code for one in deciding(known)]


def words(known: Known) -> str:
    return " ".join(steps(deciding(known), About())[0])


def measured(n: int, hits: int = 0, accepted: float | None = None, on: int = 90) -> Any:
    error = None
    if accepted is not None:
        seen = np.r_[np.ones(round(accepted * on)), np.zeros(on - round(accepted * on))]
        error = VerifierError(seen, np.zeros(n))
    return risk({"a": np.r_[np.ones(hits), np.zeros(n - hits)]}, {"prior": np.zeros(n)}, error=error)


def test_the_bounds_are_those_of_the_verdict() -> None:
    assert [fewest_for_pass(budget) for budget in (0.05, 0.02, 0.01)] == [59, 149, 299]
    for n, hits in ((59, 0), (100, 2), (300, 7)):
        upper = clopper_pearson(hits, n, level=0.9)[1]
        assert fewest_for_pass(upper * 1.001, hits=hits) == n
        assert fewest_for_pass(upper * 0.97, hits=hits) > n
    assert zero_hit_bound(59) == pytest.approx(clopper_pearson(0, 59, level=0.9)[1], abs=1e-5)


@pytest.mark.parametrize(("accepted", "on"), [(0.87, 90), (0.87, 22), (0.6, 200)])
def test_more_are_needed_where_the_verifiers_miss_real_images_and_so_many_do(accepted: float, on: int) -> None:
    sensitivity = Sensitivity(round(accepted * on) / on, on)
    needed = fewest_for_pass(0.05, sensitivity)
    assert needed >= fewest_for_pass(0.05) / sensitivity.value
    assert measured(round(1.06 * needed), accepted=accepted, on=on).upper < 0.05
    assert measured(round(0.94 * needed), accepted=accepted, on=on).upper > 0.05
    assert zero_hit_bound(needed, sensitivity) < 0.05 < zero_hit_bound(needed - 1, sensitivity)


def test_a_fail_needs_so_many_at_the_rate_so_far() -> None:
    needed = fewest_for_fail(0.2, 0.05)
    assert measured(needed, hits=int(0.2 * needed)).lower > 0.05
    assert measured(needed // 2, hits=int(0.2 * (needed // 2))).lower <= 0.05


@pytest.mark.parametrize(
    ("bound", "budget"), [(0.1273, 0.13), (0.13, 0.14), (0.0487, 0.05), (0.05, 0.055), (0.0121, 0.013)]
)
def test_a_budget_that_is_offered_lies_above_the_bound(bound: float, budget: float) -> None:
    assert round_up(bound) == budget


def test_a_model_whose_people_were_all_audited_is_not_asked_for_more_of_them() -> None:
    """Regression: it asked for 61 identities without a hit from a model with 22, two hit."""
    found = measured(22, hits=2, accepted=0.87, on=22)
    known = replace(
        OF_22,
        R={"value": found.R.value, "lower": found.lower, "upper": found.upper},
        sensitivity=Sensitivity(found.sensitivity.value, found.sensitivity.n),
    )
    assert codes(known) == ["no_more_identities", "other_budget"]
    said = words(known)
    assert "all 22 of the model were audited" in said
    assert "without a hit" not in said


def test_the_budget_that_is_offered_is_one_that_these_people_can_pass() -> None:
    known = replace(OF_22, R={"value": 0.0, "lower": 0.0, "upper": measured(22).upper})
    offered = smallest_budget(known)
    assert offered == smallest_budget(OF_22) == 0.13
    whole: dict[str, Any] = {"evidence": "verified", "power": 0.8, "contamination_clean": True}
    assert verdict(measured(22), budget=0.13, **whole).answer == "PASS"
    assert verdict(measured(22), budget=0.12, **whole).answer == "INCONCLUSIVE"


def test_before_the_start_nothing_is_called_enough_that_the_verdict_will_not_take() -> None:
    """Regression: it called 59 enough for 5 %, but the verdict needed 68 at that sensitivity."""
    unknown = " ".join(conclusions(Known(90, 90, 59, 0.05), "person"))
    assert "if the verifiers miss no real image" in unknown
    seen = conclusions(Known(90, 90, 64, 0.05, sensitivity=Sensitivity(0.87, 90)), "person")
    assert any("Not PASS: 64 people without a single hit bound R by 5.3 % only" in line for line in seen)
    assert any("about 69 are needed" in line for line in seen)
    assert any("Audit 69 of the 90 people" in line for line in seen)


def test_before_the_start_the_smallest_budget_is_offered_and_no_people_that_are_not_there() -> None:
    said = " ".join(conclusions(OF_22, "person"))
    assert "The smallest budget that this audit could pass is 13 %" in said
    assert "The model has no more than these 22 people" in said
    assert "Audit " not in said
    few = " ".join(conclusions(Known(40, 40, 30, 0.05), "writer"))
    assert "The model has 40 writers, which is too few for that" in few


def test_shipped_verifiers_that_nobody_named_have_to_be_shown_to_see() -> None:
    line = "They judge only if they are shown to recognise real images of these conditions"
    assert line in " ".join(conclusions(OF_22, "condition", unproven=True))
    assert line not in " ".join(conclusions(OF_22, "condition"))
    assert line not in " ".join(conclusions(replace(OF_22, verifiers=1), "condition", unproven=True))


@pytest.mark.parametrize("people", [1, 2, 4, 5, 8, 30])
def test_the_bound_of_as_many_hits_as_people_is_that_of_the_verdict(people: int) -> None:
    assert all_hit_bound(people) == pytest.approx(measured(people, hits=people).lower, abs=0.02)


@pytest.mark.parametrize(
    ("people", "budget", "said"),
    [
        (90, 0.05, "This audit can end as FAIL, PASS or INCONCLUSIVE."),
        (30, 0.05, "This audit can end as FAIL or INCONCLUSIVE, not as PASS."),
        (3, 0.05, "This audit can only end as INCONCLUSIVE: even if all 3 people were recognised"),
        (1, 0.05, "This audit can only end as INCONCLUSIVE: even if that person was recognised"),
        (3, 0.7, "This audit can only end as PASS or INCONCLUSIVE, not as FAIL: even if all 3 people were recognised"),
    ],
)
def test_before_the_start_the_possible_verdicts_are_named(people: int, budget: float, said: str) -> None:
    """Regression: it said that an audit of 3 people may FAIL, but the lower bound is always 0."""
    known = Known(people, people, people, budget)
    lines = conclusions(known, "person")
    assert lines[0].startswith(said)
    whole: dict[str, Any] = {"evidence": "verified", "budget": budget, "power": 0.8, "contamination_clean": True}
    ends = {verdict(measured(people, hits=hits), **whole).answer for hits in (0, people // 2, people)}
    excluded = {answer for answer in ("FAIL", "PASS") if f"not as {answer}" in lines[0]}
    excluded |= {"FAIL", "PASS"} if "only end as INCONCLUSIVE" in lines[0] else set()
    assert ends <= {"FAIL", "PASS", "INCONCLUSIVE"} - excluded
    assert any(line.startswith("FAIL, if") for line in lines) is ("FAIL" not in excluded)


def test_without_private_images_or_verifiers_nothing_else_is_offered() -> None:
    assert codes(replace(OF_22, references=False)) == ["add_references"]
    assert codes(replace(OF_22, missing=3)) == ["complete_references"]
    alone = replace(OF_22, verifiers=1, R={"value": 0.0, "lower": 0.0, "upper": 0.13})
    assert codes(alone) == ["add_verifiers"], "with other verifiers R would be different"


@pytest.mark.parametrize(
    ("convinced", "code"), [(0.2, "more_effort"), (0.95, "other_prior_or_attack"), (None, "other_prior_or_attack")]
)
def test_a_plan_that_is_too_weak_is_advised_by_its_cause(convinced: float | None, code: str) -> None:
    R = {"value": 0.0, "lower": 0.0, "upper": 0.033}
    known = Known(90, 90, 90, 0.05, R=R, power=0.2, convinced=convinced, reasons=("power_low",))
    assert codes(known) == [code]
    assert ("Use more effort:" in words(known)) == (code == "more_effort")


@pytest.mark.parametrize("state", ["at_chance", "class_order", "input_convention"])
def test_a_release_that_is_not_the_one_described_is_corrected_before_anything_else(state: str) -> None:
    assert codes(replace(OF_22, fit={"state": state})) == [f"fix_{state}"]


def test_a_verdict_leaves_nothing_to_decide() -> None:
    assert codes(replace(OF_22, R={"value": 0.9, "lower": 0.7, "upper": 1.0})) == []
    assert codes(Known(90, 90, 90, 0.05, R={"value": 0.0, "lower": 0.0, "upper": 0.03})) == []


def test_every_step_has_its_words() -> None:
    facts = {
        **{"missing": 2, "have": 1, "needed": 70, "more": 48, "audited": 22, "classes": 90, "referenced": 30},
        **{"sensitivity": 0.87, "budget": 0.05, "offered": 0.13, "convinced": 0.2, "power": 0.1, "floor": 0.5},
    }
    for code, said in STEPS.items():
        line = said(facts, About(NOUNS["writer"], missing=["ada", "bob"]))
        assert line[0].isupper(), code
        assert line.endswith("."), code
        assert "people" not in line, code
    assert "40 writers more" in STEPS["more_identities"](facts, About(NOUNS["writer"])), "70 needed, 30 have images"
