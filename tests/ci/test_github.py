"""The GitHub action: summary, one comment that is updated, upload, reuse by digest, exit code."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from tests.ci.recipe import CI, Checkout
from tests.unit.reports.decisions import CHECKPOINT

ACTION: dict[str, Any] = yaml.safe_load((CI / "github" / "action.yml").read_text())
SERVER = {"EXHUME_URL": "https://exhume.example", "EXHUME_API_KEY": "exh_secret"}
PULL = 7


class GitHub(ThreadingHTTPServer):
    """Comments of one pull request, as the REST API shows them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.comments: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.status = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: GitHub

    def answer(self) -> None:
        github = self.server
        path, _, query = self.path.partition("?")
        github.requests.append(f"{self.command} {path}")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        found: Any = {}
        if self.command == "GET":
            page = int(query.rpartition("page=")[2])
            found = github.comments[100 * (page - 1) : 100 * page]
        elif self.command == "POST" and not github.status:
            github.comments.append({"id": len(github.comments), "user": {"type": "Bot"}, **body})
        elif self.command == "PATCH":
            github.comments[int(path.rpartition("/")[2])].update(body)
        data = json.dumps(found).encode()
        self.send_response(github.status or (201 if self.command == "POST" else 200))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = answer  # noqa: N815 - names of the base class

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def gate(checkout: Checkout, **variables: str) -> tuple[dict[str, str], str]:
    """Run the step `gate`, and return its outputs and the summary of the job."""
    files = {name: checkout.bin / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    paths = {name: str(file) for name, file in files.items()}
    ended = checkout.run(str(CI / "github" / "gate.sh"), CONFIG="exhume.yaml", **paths, **variables)
    assert ended.returncode == 0, ended.stderr
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    return dict(line.split("=", 1) for line in lines), files["GITHUB_STEP_SUMMARY"].read_text()


def comment(checkout: Checkout, github: GitHub, event: dict[str, Any]) -> "CompletedProcess[str]":
    (checkout.bin / "event.json").write_text(json.dumps(event))
    variables = {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "acme/models",
        "GITHUB_EVENT_PATH": str(checkout.bin / "event.json"),
        "GITHUB_TOKEN": "ghs_token",
    }
    return checkout.run("python3", str(CI / "github" / "comment.py"), "exhume-reports", **variables)


@pytest.mark.parametrize(("decision", "code"), [("pass", "0"), ("fail", "1"), ("inconclusive as fail", "3")])
def test_every_outcome_is_reported_before_the_job_ends(checkout: Checkout, decision: str, code: str) -> None:
    outputs, summary = gate(checkout, DECISION=decision, CODE=code, **SERVER)
    assert outputs == {"exit-code": code, "sarif": "true"} | ({"keep": "true"} if code == "0" else {})
    assert CHECKPOINT in summary
    words, url, key = checkout.asked()
    assert (words[:3], url, key) == (["gate", "--config", "exhume.yaml"], *SERVER.values())
    assert "--local" not in words
    assert checkout.reports == {"decision.json", "exhume.sarif", "summary.md", "junit.xml", "test-result.json"}
    (last,) = [step for step in ACTION["runs"]["steps"] if step["name"] == "Outcome"]
    assert last is ACTION["runs"]["steps"][-1]
    assert checkout.run("bash", "-c", last["run"], CODE=outputs["exit-code"]).returncode == int(code)


def test_without_a_decision_nothing_is_uploaded(checkout: Checkout, github: GitHub) -> None:
    outputs, summary = gate(checkout, CODE="4", **SERVER)
    assert outputs == {"exit-code": "4"}
    assert "exit code 4 and made no decision" in summary
    assert comment(checkout, github, {"pull_request": {"number": PULL}}).returncode == 0
    assert github.requests == []


def test_a_local_gate_gets_no_server(checkout: Checkout) -> None:
    gate(checkout, DECISION="pass", LOCAL="true", EXHUME_URL="", EXHUME_API_KEY="")
    words, url, key = checkout.asked()
    assert ("--local" in words, url, key) == (True, None, None)


@pytest.mark.parametrize(
    ("stored", "changes", "reused"),
    [
        ("pass", {"until": "2126-01-01T00:00:00Z"}, True),
        ("pass", {"until": None}, True),
        ("pass", {"until": "2026-01-01T00:00:00Z"}, False),
        ("fail", {"until": None}, False),
        ("waived", {"until": None}, False),
    ],
)
def test_only_a_passed_decision_that_still_counts_is_used_again(
    checkout: Checkout, stored: str, changes: dict[str, Any], reused: bool
) -> None:
    gate(checkout, DECISION=stored, LOCAL="true")
    file = checkout.folder / "exhume-reports" / "decision.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    (checkout.bin / "log").unlink()
    outputs, _ = gate(checkout, DECISION="fail", CODE="1", LOCAL="true", RESTORED="true")
    assert (outputs["exit-code"] == "0") == reused
    assert (checkout.bin / "log").exists() != reused


def test_one_comment_is_made_and_then_updated(checkout: Checkout, github: GitHub) -> None:
    """It is found among many, and a copy of its marker by somebody else is left alone."""
    gate(checkout, DECISION="fail", CODE="1")
    event = {"pull_request": {"number": PULL}}
    assert comment(checkout, github, event).returncode == 0
    (made,) = github.comments
    marker = made["body"].splitlines()[0]
    stranger = {"user": {"type": "User"}, "author_association": "NONE", "body": f"{marker}\nall is well"}
    many = [{"user": {"type": "User"}, "body": "hello"} for _ in range(120)]
    github.comments = [{**one, "id": at} for at, one in enumerate([stranger, *many, made])]
    gate(checkout, DECISION="pass")
    assert comment(checkout, github, event).returncode == 0
    assert len(github.comments) == 122
    assert "PASS" in github.comments[-1]["body"]
    assert github.comments[0]["body"].endswith("all is well")
    assert github.requests[-1] == "PATCH /repos/acme/models/issues/comments/121"


def test_no_comment_outside_a_pull_request_and_no_failure_from_a_fork(checkout: Checkout, github: GitHub) -> None:
    gate(checkout, DECISION="fail", CODE="1")
    assert comment(checkout, github, {"ref": "refs/heads/main"}).returncode == 0
    assert github.requests == []
    github.status = 403
    ended = comment(checkout, github, {"pull_request": {"number": PULL}})
    assert (ended.returncode, "::warning::" in ended.stdout) == (0, True)


def test_the_action_has_what_its_steps_name() -> None:
    steps = ACTION["runs"]["steps"]
    for name in ("gate.sh", "comment.py"):
        assert any(name in str(step.get("run")) for step in steps)
        assert (CI / "github" / name).is_file()
    (upload,) = [step for step in steps if "upload-sarif" in str(step.get("uses"))]
    assert Path(upload["with"]["sarif_file"]) == Path(ACTION["outputs"]["reports"]["value"]) / "exhume.sarif"
    saved = [step["with"]["path"] for step in steps if "actions/cache" in str(step.get("uses"))]
    assert saved == ["exhume-reports"] * 2
