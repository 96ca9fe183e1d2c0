"""The GitLab template: a job that audits and succeeds, and one that gates."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from tests.ci.recipe import CI, Checkout, shell

TEMPLATE: dict[str, Any] = yaml.safe_load((CI / "gitlab" / "exhume.gitlab-ci.yml").read_text())
AUDIT, GATE = TEMPLATE["exhume:audit"], TEMPLATE["exhume:gate"]
VARIABLES = {"GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/models", "EXHUME_URL": "https://exhume.example"}


def job(checkout: Checkout, one: dict[str, Any], **variables: str) -> "CompletedProcess[str]":
    return checkout.run(*shell(one["script"]), EXHUME_CONFIG="exhume.yaml", **VARIABLES, **variables)


@pytest.mark.parametrize(
    ("decision", "code"), [("pass", 0), ("warn", 0), ("fail", 1), ("inconclusive as fail", 3), ("no result", 2)]
)
def test_the_audit_succeeds_and_the_gate_ends_with_the_code(checkout: Checkout, decision: str, code: int) -> None:
    audit = job(checkout, AUDIT, DECISION=decision, CODE=str(code))
    assert audit.returncode == 0, audit.stderr
    gate = job(checkout, GATE)
    assert gate.returncode == code
    assert "Exhume: " in gate.stdout


@pytest.mark.parametrize("code", [2, 4, 5])
def test_without_a_decision_the_audit_fails(checkout: Checkout, code: int) -> None:
    audit = job(checkout, AUDIT, CODE=str(code))
    assert (audit.returncode, "made no decision" in audit.stdout) == (code, True)


def test_success_without_a_decision_does_not_pass(checkout: Checkout) -> None:
    assert job(checkout, AUDIT, CODE="0").returncode == 2


def test_gitlab_finds_each_report_where_the_job_writes_it(checkout: Checkout) -> None:
    job(checkout, AUDIT, DECISION="fail", CODE="1")
    for kind in ("sarif", "codequality", "junit"):
        file = checkout.folder / AUDIT["artifacts"]["reports"][kind]
        assert file.is_file()
    entries = json.loads((checkout.folder / AUDIT["artifacts"]["reports"]["codequality"]).read_bytes())
    assert not (checkout.folder / AUDIT["artifacts"]["reports"]["codequality"]).read_bytes().startswith(b"\xef\xbb\xbf")
    assert [entry["check_name"] for entry in entries] == ["EXH001", "EXH007"]
    assert Path(AUDIT["artifacts"]["paths"][0]) == Path("exhume-reports")
    assert GATE["needs"] == [{"job": "exhume:audit", "artifacts": True}]


def test_neither_job_may_fail_unnoticed() -> None:
    """GitLab ignores the reports of a job that may fail."""
    assert "allow_failure" not in AUDIT
    assert "allow_failure" not in GATE
