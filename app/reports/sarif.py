"""SARIF 2.1.0, read by code scanning of GitHub and by vulnerability management of GitLab."""

from typing import Any
from urllib.parse import quote

from app.contract.decision import Decision, RuleReading
from app.contract.gate_rules import RULES
from app.reports.document import document
from app.reports.findings import SEVERITIES, Finding, findings, waiver_sentences
from app.reports.json_bytes import json_bytes
from app.reports.place import Place
from app.reports.text import NAME, plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
OF_THE_RUN = ("outcome", "sentence", "next_step", "verdict", "risk", "release", "policy")
TAGS = ["security", "privacy", "model-inversion"]
MEANING_IN_MESSAGES = {"\\": "\\\\", "[": "\\[", "]": "\\]", "{": "{{", "}": "}}"}
"""Characters that begin a link or a placeholder in a message."""


def render(decision: Decision, place: Place) -> bytes:
    """Return a log with one run: all rules, and a result for each that did not pass."""
    return json_bytes({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(decision, place)]})


def _run(decision: Decision, place: Place) -> dict[str, Any]:
    rules = [rule.id for rule in decision.rules]
    whole = document(decision)
    return {
        "tool": {
            "driver": {
                "name": "Exhume",
                "organization": "Exhume",
                "version": plain(decision.engine, NAME),
                "rules": [_rule(rule) for rule in decision.rules],
            }
        },
        "automationDetails": {"id": f"exhume/{quote(decision.release.target, safe='')}/"},
        "invocations": [{"executionSuccessful": decision.verdict is not None}],
        "results": [_result(finding, rules.index(finding.rule.id), place) for finding in findings(decision)],
        "properties": {"exhume": {name: whole[name] for name in OF_THE_RUN}},
    }


def _rule(rule: RuleReading) -> dict[str, Any]:
    severity = SEVERITIES.get(rule.outcome)
    description = RULES[rule.id].description
    figures = [figure.model_dump(mode="json") for figure in rule.figures]
    described: dict[str, Any] = {
        "id": rule.id,
        "name": plain(rule.name, NAME),
        "shortDescription": {"text": plain(rule.title)},
        "fullDescription": {"text": description},
        "help": {"text": description},
        "properties": {"tags": TAGS, "outcome": rule.outcome, "figures": figures},
    }
    if severity is not None:
        described["defaultConfiguration"] = {"level": severity.level}
        described["properties"]["security-severity"] = severity.security_severity
    return described


def _result(finding: Finding, index: int, place: Place) -> dict[str, Any]:
    severity = finding.severity
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": severity.level,
        "rank": float(severity.score),
        "message": {"text": _message(finding.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.path)},
                    "region": {"startLine": place.line, "endLine": place.line},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint[:16]}:1"},
        "properties": {"security-severity": severity.security_severity},
    }
    if finding.rule.outcome == "waived":
        why = waiver_sentences(finding.rule) or "Waived."
        waived = {"kind": "external", "status": "accepted", "justification": why}
        result["suppressions"] = [waived]
    return result


def _message(text: str) -> str:
    return plain("".join(MEANING_IN_MESSAGES.get(character, character) for character in text))
