"""Rates and agreement against values from the literature and cases worked out by hand."""

from uuid import UUID

import pytest
from scipy.stats import beta

from app.blind_line_ups.composition import Kind
from app.blind_line_ups.results import Asked, Given, document
from app.blind_line_ups.statistics import agreement, rate
from app.db.models import BlindLineUp

CODERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
"""The example of Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section D."""


def test_agreement_of_four_reviewers_with_gaps() -> None:
    answers = [
        {str(coder): given for coder, row in enumerate(CODERS) if (given := row[unit]) is not None}
        for unit in range(len(CODERS[0]))
    ]
    assert agreement(answers) == pytest.approx(0.743, abs=5e-4)


def test_agreement_of_two_reviewers_by_hand() -> None:
    """Of N = 4 answers, 3 are 1 and one is 2: 1 - 3 * 2 / (16 - 10) = 0."""
    assert agreement([{"a": 1, "b": 1}, {"a": 1, "b": 2}]) == pytest.approx(0)
    assert agreement([{"a": 1, "b": 1}, {"a": 2, "b": 2}]) == 1
    assert agreement([{"a": 1}, {"a": 2}]) is None
    assert agreement([{"a": 1, "b": 1}]) is None


def test_the_interval_of_hits_is_that_of_jeffreys() -> None:
    found = rate([1.0] * 7 + [0.0] * 13)
    assert found is not None
    assert (found.value, found.n) == (0.35, 20)
    assert (found.low, found.high) == pytest.approx(tuple(beta.ppf([0.025, 0.975], 7.5, 13.5)), abs=0.01)


def test_reviewers_who_disagree_about_everybody_leave_less_doubt_than_twice_as_few_hits() -> None:
    halves, hits = rate([0.5] * 20), rate([1.0] * 10 + [0.0] * 10)
    assert halves is not None
    assert hits is not None
    assert halves.value == hits.value == 0.5
    assert hits.low < halves.low < 0.5 < halves.high < hits.high


def test_the_ends_are_those_of_clopper_and_pearson() -> None:
    none, every = rate([0.0] * 10), rate([1.0] * 10)
    assert none is not None
    assert every is not None
    assert (none.low, none.high) == (0, pytest.approx(beta.ppf(0.975, 1, 10)))
    assert (every.low, every.high) == (pytest.approx(beta.ppf(0.025, 10, 1)), 1)
    assert rate([]) is None


def asked(kind: Kind, identity: int, answer: int, *choices: int, sure: bool = True) -> Asked:
    given = tuple(Given(str(place), choice, sure, float(choice)) for place, choice in enumerate(choices))
    return Asked(kind, identity, UUID(int=identity), answer, given)


def test_results_of_two_reviewers_by_hand() -> None:
    items = [
        asked(Kind.RECONSTRUCTION, 0, 1, 1, 1),
        asked(Kind.RECONSTRUCTION, 1, 2, 2, 0, sure=False),
        asked(Kind.RECONSTRUCTION, 2, 3, 1, 0),
        asked(Kind.RECONSTRUCTION, 3, 4, 4, 4),
        asked(Kind.CONTROL, 0, 0, 0, 0),
        asked(Kind.CONTROL, 1, 0, 5, 0),
        asked(Kind.PHOTOGRAPH, 2, 6, 6, 6),
    ]
    judged = {None: {0: True, 1: True, 2: False, 3: False}, "a": {0: True, 1: True, 2: True, 3: False}}
    found = document(BlindLineUp(candidates=6, erased_items=0), items, 2, judged)
    rates = {
        name: (one.value, one.n) if (one := getattr(found, name)) else None
        for name in ("matched", "others", "matched_when_sure", "false_alarms", "specificity", "sensitivity")
    }
    assert rates == {
        "matched": (0.625, 4),  # 1, 1/2, 0 and 1
        "others": (0.125, 4),  # one answer of eight
        "matched_when_sure": (pytest.approx(2 / 3), 3),
        "false_alarms": (0.25, 2),
        "specificity": (0.75, 2),
        "sensitivity": (1, 1),
    }
    assert found.false_alarms is not None
    assert found.specificity is not None
    assert (found.false_alarms.low, found.false_alarms.high) == (1 - found.specificity.high, 1 - found.specificity.low)
    beside = [(one.name, one.recognised, one.confirmed, one.people_only, one.of) for one in found.verifiers]
    assert beside == [(None, 2, 1, 1, 4), ("a", 3, 1, 1, 4)]
    assert found.sentence == "Of 2 reconstructions that the verifiers recognise, people confirm 1 (2 reviewers)."
    assert (found.chance, found.reviewers, found.seconds) == (pytest.approx(1 / 6), 2, 1)
