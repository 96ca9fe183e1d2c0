"""Decisions: outcome, waivers, time, and results of older versions."""

import json
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.contract.gate_rules import RULES
from app.contract.policy import Policy
from app.contract.result import Result
from app.gate.facts import serves_as_reference
from app.gate.feasibility import impossible
from tests.unit.gate.cases import DIGEST, NOW, OTHER, audited, decided, earlier, outcome, read, result, waiver

DAY = timedelta(days=1)
STORED = Path(__file__).parents[2] / "api" / "stored"
STRICT = {"new_findings": "fail", "fewest_identities": 100, "attacks": ["decoder"], "evidence": "verified"}
FAILING = ("EXH001", "EXH002", "EXH003", "EXH004", "EXH007")


def failing() -> Result:
    return result(
        0.5, 0.6, 0.7, verdict="FAIL", codes=("lower_above_budget",), named=("Ada",), evidence_level="evaluator"
    )


def test_every_rule_is_read_once_in_order() -> None:
    for decision in (decided(result()), decided(None)):
        assert [one.id for one in decision.rules] == list(RULES)
        assert [one.name for one in decision.rules] == [rule.name for rule in RULES.values()]


def test_a_waived_rule_never_hides_another_failure() -> None:
    """Every subset of the failing rules is waived; the decision fails while any is left."""
    for kept in product((False, True), repeat=len(FAILING)):
        waived = {rule for rule, keep in zip(FAILING, kept, strict=True) if not keep}
        decision = decided(failing(), STRICT, waivers=[waiver(rule) for rule in waived])
        outcomes = {one.id: one.outcome for one in decision.rules if one.id in FAILING}
        assert outcomes == {rule: "waived" if rule in waived else "fail" for rule in FAILING}
        assert decision.outcome == ("warn" if len(waived) == len(FAILING) else "fail")


def test_a_waiver_leaves_a_rule_that_does_not_fail_as_it_is() -> None:
    decision = decided(result(), waivers=[waiver(rule) for rule in RULES])
    assert decision.outcome == "pass"
    assert [one.waivers for one in decision.rules] == [[]] * len(RULES)
    undecided = decided(result(0, 0, 0.2, verdict="INCONCLUSIVE", codes=()), waivers=[waiver("EXH001")])
    assert (undecided.outcome, read(undecided, "EXH001").outcome) == ("fail", "inconclusive")


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOW},
        {"digest": OTHER},
    ],
)
def test_a_waiver_that_has_ended_or_is_bound_to_another_checkpoint_does_not_count(changes: dict[str, Any]) -> None:
    assert outcome(failing(), "EXH001", waivers=[waiver("EXH001", **changes)]) == "fail"


def test_a_waiver_until_the_next_release_ends_with_it() -> None:
    bound, until_next = waiver("EXH001"), waiver("EXH001", until_next_release=True)
    newest, superseded = audited(failing()), audited(failing(), superseded=True)
    assert outcome(newest, "EXH001", waivers=[until_next]) == "waived"
    assert outcome(superseded, "EXH001", waivers=[until_next]) == "fail"
    assert outcome(superseded, "EXH001", waivers=[bound]) == "waived"


def test_a_finding_is_waived_by_name_and_the_others_stay() -> None:
    policy = {"new_findings": "fail"}
    found = result(named=("Ada", "Grace"))
    one = decided(found, policy, waivers=[waiver(finding="ADA")])
    assert read(one, "EXH007").outcome == "fail"
    assert [shown.finding for shown in read(one, "EXH007").waivers] == [None]
    both = decided(
        found, policy | {"name_identities": True}, waivers=[waiver(finding=name) for name in ("Ada", "Grace")]
    )
    assert (both.outcome, read(both, "EXH007").outcome) == ("warn", "waived")
    assert [shown.finding for shown in read(both, "EXH007").waivers] == ["Ada", "Grace"]


def test_a_decision_counts_until_a_waiver_that_it_rests_on_ends() -> None:
    late, soon = waiver("EXH001", expires_at=NOW + 3 * DAY), waiver("EXH002", expires_at=NOW + 2 * DAY)
    unused = waiver("EXH008", expires_at=NOW + DAY)
    decision = decided(failing(), waivers=[late, soon, unused])
    assert decision.until == NOW + 2 * DAY
    again = decided(failing(), waivers=[late, soon, unused], now=decision.until)
    assert (again.outcome, again.until) == ("fail", NOW + 3 * DAY)


def test_releases_that_failed_were_waived_or_regressed_are_no_reference() -> None:
    assert serves_as_reference(decided(result()))
    before = [earlier(result(0.0, 0.0, 0.01))]
    for severity, expected in (("warn", False), (None, True)):
        rule = severity and {"regression": {"tolerance": 0, "severity": severity}}
        risen = decided(result(0.0, 0.03, 0.04, regression=None), rule or {}, earlier=before)
        assert serves_as_reference(risen) == expected
    assert not serves_as_reference(decided(failing()))
    waivers = [waiver(rule) for rule in RULES]
    assert not serves_as_reference(decided(failing(), waivers=waivers))


@pytest.mark.parametrize("name", ["result.json", "result-before-attacks.json"])
def test_results_of_older_versions_are_decided(name: str) -> None:
    found = Result.load(json.loads((STORED / name).read_text()))
    decision = decided(audited(found))
    assert decision.verdict == found.verdict
    assert decision.release.digest == DIGEST
    assert decision.outcome == "fail"
    assert all(len(one.reason) < 1000 for one in decision.rules)
    roomy = decided(
        audited(found), {"budgets": {"white_box": 0.99}, "inconclusive": "warn", "evidence": "unreferenced"}
    )
    assert roomy.outcome != "pass"


def test_the_sentence_gives_the_outcome_and_its_most_important_reason() -> None:
    decision = decided(failing(), STRICT, waivers=[waiver("EXH003")])
    assert decision.sentence.startswith("badge-reader 2 fails: The lower bound of R for attackers who have the weights")
    assert decision.sentence.endswith("EXH002, EXH004, EXH007 fail too. Waived: EXH003.")
    assert decided(result()).sentence.startswith("badge-reader 2 passes: The upper bound of R")
    waivers = [waiver(rule) for rule in RULES]
    assert decided(failing(), waivers=waivers).sentence.startswith(
        "badge-reader 2 passes by waiver of EXH001 and EXH002:"
    )


def test_a_policy_that_cannot_pass_names_the_identities_that_it_needs() -> None:
    def needed(classes: int, **policy: Any) -> int | None:
        found = impossible(Policy.model_validate(policy), classes)
        return None if found is None else found.needed

    assert needed(58) == 59
    assert needed(59) is None
    assert needed(58, inconclusive="warn") is None
    assert needed(58, budgets={"white_box": None, "labels": 0.01}) == 299
    assert needed(58, budgets={"white_box": None}) is None
    assert needed(99, fewest_identities=100) == 100
    assert "6.5 %" not in str(impossible(Policy(), 58))
    assert "5.5 %" in str(impossible(Policy(), 58))
