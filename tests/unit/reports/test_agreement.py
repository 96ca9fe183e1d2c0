"""Every format says the same about a decision, however hostile the names in it are."""

import json
from typing import get_args

import pytest

from app.contract.decision import Decision
from app.contract.report_formats import ReportFormat
from app.reports.findings import SEVERITIES
from app.reports.formats import FORMATS, render
from tests.unit.reports.decisions import CHECKPOINT, DECISIONS, NAMED, PERSON
from tests.unit.reports.readers import READERS

EVERY = [pytest.param(one, id=name) for name, one in DECISIONS.items()]
SHOW_NAMES = {"json", "markdown", "attestation"}
"""Formats that carry names if the policy allows them."""


def test_every_format_has_a_reader() -> None:
    assert list(READERS) == list(FORMATS) == list(get_args(ReportFormat))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("decision", EVERY)
def test_outcome_rules_figures_and_digest_agree(decision: Decision, name: str) -> None:
    read = READERS[name](render(name, decision))
    outcomes = {rule.id: rule.outcome for rule in decision.rules}
    if name.startswith("test-result"):
        assert (read.outcome == "fail") == (decision.outcome == "fail")
    elif read.outcome is not None:
        assert read.outcome == decision.outcome
    if read.rules is not None:
        assert read.rules == outcomes
    if read.findings is not None:
        assert read.findings == {rule: outcome for rule, outcome in outcomes.items() if outcome in SEVERITIES}
    if read.figures is not None:
        assert read.figures == {
            rule.id: [value for one in rule.figures for value in (one.value, one.low, one.high)]
            for rule in decision.rules
        }
    if read.texts is not None:
        assert read.texts == {rule.id: rule.figures[0].text for rule in decision.rules}
    if read.digest is not None:
        assert read.digest == CHECKPOINT
    assert all(len(message) < 1_000 for message in read.messages)


def test_each_fact_is_carried_by_most_formats() -> None:
    """The comparison above skips what a format does not carry."""
    read = [READERS[name](render(name, DECISIONS["fail"])) for name in FORMATS]
    assert sum(one.outcome is not None for one in read) == len(FORMATS) - 1
    assert sum(one.rules is not None or one.findings is not None for one in read) == 7
    assert sum(one.figures is not None or one.texts is not None for one in read) == 6
    assert sum(one.digest is not None for one in read) == 7


@pytest.mark.parametrize("name", FORMATS)
def test_names_of_identities_are_shown_only_if_the_decision_has_them(name: str) -> None:
    first = PERSON.split()[0]
    assert (first in render(name, NAMED).decode()) == (name in SHOW_NAMES)
    hidden = NAMED.model_copy(update={"names": None})
    assert first not in render(name, hidden).decode()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("decision", EVERY)
def test_the_same_decision_gives_the_same_bytes_and_no_picture(decision: Decision, name: str) -> None:
    data = render(name, decision)
    assert data == render(name, Decision.model_validate(json.loads(render("json", decision))))
    assert b"data:image" not in data
    assert b"<img" not in data
