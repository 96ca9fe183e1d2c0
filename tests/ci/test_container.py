"""The container recipe, with a stand-in for `docker` and the variables of Jenkins."""

import xml.etree.ElementTree as ElementTree

import pytest

from tests.ci.recipe import CI, Checkout

SCRIPT = str(CI / "container" / "gate.sh")
SERVER = {"EXHUME_URL": "https://exhume.example", "EXHUME_API_KEY": "exh_secret"}
DOCKER = """#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/docker.log"
while [ "$1" != gate ]; do shift; done
[ -z "$BROKEN" ] || exit "$BROKEN"
exec exhume "$@"
"""
JENKINS = {"BUILD_NUMBER": "12", "JOB_NAME": "models/badge-reader", "BUILD_URL": "https://jenkins.example/job/12/"}


@pytest.mark.parametrize(("decision", "code"), [("pass", 0), ("fail", 1), ("inconclusive as fail", 3)])
def test_the_container_writes_reports_and_hands_on_the_code(checkout: Checkout, decision: str, code: int) -> None:
    checkout.program("docker", DOCKER)
    variables = JENKINS | SERVER | {"WORKSPACE": str(checkout.folder)}
    ended = checkout.run(SCRIPT, DECISION=decision, CODE=str(code), **variables)
    assert ended.returncode == code, ended.stderr
    assert checkout.reports == {"decision.json", "junit.xml", "summary.md", "test-result.json"}
    suites = ElementTree.parse(checkout.folder / "exhume-reports" / "junit.xml").getroot()
    assert (suites.get("failures") == "0") == (code == 0)


def test_the_key_is_not_an_argument(checkout: Checkout) -> None:
    """Arguments of a process can be read by every user of the machine."""
    checkout.program("docker", DOCKER)
    checkout.run(SCRIPT, DECISION="pass", WORKSPACE=str(checkout.folder), **SERVER)
    arguments = (checkout.bin / "docker.log").read_text().splitlines()
    assert f"{checkout.folder}:/workspace" in arguments
    assert "EXHUME_API_KEY" in arguments
    assert not any("exh_secret" in argument for argument in arguments)


@pytest.mark.parametrize("broken", ["125", "127"])
def test_a_container_that_does_not_start_is_an_error_of_the_audit(checkout: Checkout, broken: str) -> None:
    checkout.program("docker", DOCKER)
    ended = checkout.run(SCRIPT, BROKEN=broken, WORKSPACE=str(checkout.folder), **SERVER)
    assert (ended.returncode, "could not be started" in ended.stderr) == (2, True)


@pytest.mark.parametrize("missing", list(SERVER))
def test_a_missing_variable_is_named(checkout: Checkout, missing: str) -> None:
    ended = checkout.run(SCRIPT, **{name: value for name, value in SERVER.items() if name != missing})
    assert (ended.returncode, missing in ended.stderr) == (4, True)


def test_the_pipeline_publishes_what_the_script_writes() -> None:
    pipeline = (CI / "container" / "Jenkinsfile").read_text()
    assert "exhume-reports/junit.xml" in pipeline
    assert "gate.sh" in pipeline
