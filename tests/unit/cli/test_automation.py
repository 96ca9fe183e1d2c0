"""`exhume schedule`, `exhume webhook` and `exhume source`: the requests that they send."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import schedules, sources, webhooks

AUDIT = {
    "public_dataset_id": "dst_1",
    "attack": "gmi",
    "budget": 0.05,
    "rights": {"declared_by": "Ada", "statement": "x"},
}
LISTS = {
    "/projects": [{"id": "prj_1", "name": "p"}],
    "/projects/prj_1/targets": [{"id": "tgt_1", "name": "door"}],
    "/projects/prj_1/datasets": [{"id": "dst_1", "name": "faces"}, {"id": "dst_2", "name": "staff"}],
    "/projects/prj_1/schedules": [{"id": "sch_1", "name": "nightly", "audit": AUDIT}],
    "/projects/prj_1/webhooks": [{"id": "whk_1", "name": "ci"}],
    "/projects/prj_1/sources": [{"id": "src_1", "name": "registry"}],
}


class Recording:
    """A client that has one of everything, and keeps the requests that change something."""

    url = "https://exhume.example"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []

    def items(self, path: str) -> list[dict[str, Any]]:
        return LISTS[path]

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self.sent.append(("POST", path, body))
        return {"id": "new", "secret": "whsec_x", "webhook_secret": "y", "webhook_path": "/w", "next_at": "soon"}

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(("PATCH", path, body))
        return {"id": "changed", "next_at": "soon"}

    def delete(self, path: str) -> None:
        self.sent.append(("DELETE", path, None))


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Recording:
    made = Recording()

    @contextmanager
    def server() -> Iterator[Recording]:
        yield made

    for module in (schedules, sources, webhooks):
        monkeypatch.setattr(module, "server", server)
    return made


def test_a_schedule_is_created_with_a_request_for_an_audit(
    client: Recording, capsys: pytest.CaptureFixture[str]
) -> None:
    schedules.create_schedule(
        "weekly",
        target="door",
        cron="0 3 * * MON",
        public="faces",
        private="staff",
        declared_by="Ada Example",
        rights="We trained this model ourselves.",
        timezone="Europe/Berlin",
        attacks="gmi,kedmi",
    )
    [(_, path, body)] = client.sent
    assert path == "/projects/prj_1/schedules"
    assert (body["target_id"], body["cron"], body["timezone"]) == ("tgt_1", "0 3 * * MON", "Europe/Berlin")
    assert body["audit"] == {
        "public_dataset_id": "dst_1",
        "private_dataset_id": "dst_2",
        "effort": "standard",
        "budget": 0.05,
        "attacks": ["gmi", "kedmi"],
        "rights": {"declared_by": "Ada Example", "statement": "We trained this model ourselves."},
    }
    assert capsys.readouterr().out == "new\n"


def test_a_schedule_changes_in_what_is_named_and_keeps_the_rest(client: Recording) -> None:
    schedules.update_schedule("nightly", cron="0 4 * * *")
    schedules.update_schedule("nightly", private="staff", budget=0.1, declared_by="Eve", attacks="kedmi")
    changed = AUDIT | {"private_dataset_id": "dst_2", "budget": 0.1, "attacks": ["kedmi"]}
    changed["rights"] = {"declared_by": "Eve", "statement": "x"}
    del changed["attack"]
    assert client.sent == [
        ("PATCH", "/schedules/sch_1", {"cron": "0 4 * * *"}),
        ("PATCH", "/schedules/sch_1", {"audit": changed}),
    ]
    with pytest.raises(typer.Exit):
        schedules.update_schedule("nightly")


def test_schedules_sources_and_webhooks_are_found_by_name(client: Recording) -> None:
    schedules.pause_schedule("nightly")
    schedules.resume_schedule("sch_1")
    schedules.run_schedule("nightly")
    schedules.delete_schedule("nightly")
    webhooks.send_test("ci")
    webhooks.delete_webhook("ci")
    sources.check_source("registry")
    sources.delete_source("registry")
    assert [f"{method} {path}" for method, path, _ in client.sent] == [
        "POST /schedules/sch_1/pause",
        "POST /schedules/sch_1/resume",
        "POST /schedules/sch_1/runs",
        "DELETE /schedules/sch_1",
        "POST /webhooks/whk_1/test",
        "DELETE /webhooks/whk_1",
        "POST /sources/src_1/check",
        "DELETE /sources/src_1",
    ]


def test_secrets_are_printed_alone(client: Recording, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    webhooks.create_webhook("ci", "https://hooks.example/x", ["decision.failed"])
    assert capsys.readouterr().out == "whsec_x\n"
    description = tmp_path / "description.json"
    description.write_text(json.dumps({"convention": {"height": 8}, "classes": ["a", "b"]}))
    sources.create_source(
        "registry", "models:/badge@candidate", target="door", description=description, schedule="nightly"
    )
    ended = capsys.readouterr()
    assert ended.out == "y\n"
    assert "https://exhume.example/w" in ended.err
    body = client.sent[-1][2]
    assert (body["schedule_id"], body["release"]["classes"]) == ("sch_1", ["a", "b"])
