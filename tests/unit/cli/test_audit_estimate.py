"""`exhume audit estimate` asks what `exhume audit start` would ask, and starts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import audit, audit_options
from app.cli.root import app

FOUND = {
    **{"seconds": 75.0, "stages": {"prepare": 15.0, "attack": 60.0}, "measured": False, "attacks": ["GMI"]},
    **{"setting": "lom", "prior": "pca", "concludes": ["A FAIL is possible."]},
}


class Server:
    """Records what is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append((path, body))
        return FOUND


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()

    @contextmanager
    def server() -> Iterator[Server]:
        yield made

    monkeypatch.setattr(audit, "server", server)
    monkeypatch.setattr(audit.lookup, "project_id", lambda *_: "prj")
    for name in ("release", "dataset"):
        monkeypatch.setattr(audit_options.lookup, name, lambda _client, _owner, given: {"id": f"id of {given}"})
    return made


def test_the_estimate_is_printed_by_stage(asked: Server) -> None:
    words = [
        "audit",
        "estimate",
        "--release",
        "r",
        "--public",
        "faces",
        "--attacks",
        "gmi,decoder",
        "--identities",
        "5",
    ]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0, ended.output
    assert "about 75 s on one worker" in ended.output
    assert "attack     60 s" in ended.output
    assert "A FAIL is possible." in ended.output
    ((path, body),) = asked.sent
    assert path == "/projects/prj/audits/estimate"
    assert body["attacks"] == ["gmi", "decoder"]
    assert body["identities"] == 5
    assert "rights" not in body


def test_the_estimate_as_json(asked: Server) -> None:
    ended = CliRunner().invoke(app, ["audit", "estimate", "--release", "r", "--public", "faces", "--json"])
    assert '"seconds": 75.0' in ended.output
    assert len(asked.sent) == 1
