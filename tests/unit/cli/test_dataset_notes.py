"""The command line prints the notes of a data set wherever it shows the set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import imports, registry
from app.cli.root import app

DATASET_ID = "dst_" + "1" * 32
NOTES = ["Dropped the EXIF orientation of 3 images without applying it.", "Renamed 1 identity: [bold]'ada '."]
DATASET = {
    "id": DATASET_ID,
    "name": "faces",
    "role": "private",
    "state": "ready",
    "digest": "sha256:ab",
    "notes": NOTES,
}


class Server:
    """A server with one ready dataset."""

    def get(self, path: str) -> dict[str, Any]:
        assert path == f"/datasets/{DATASET_ID}"
        return DATASET

    def items(self, path: str, **narrowed: object) -> Iterator[dict[str, Any]]:
        assert set(narrowed.values()) == {None}
        assert path == "/projects/prj_1/datasets"
        return iter([DATASET, DATASET | {"id": "dst_2", "name": "older", "notes": None}])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    @contextmanager
    def server() -> Iterator[Server]:
        yield Server()

    for module in (registry, imports):
        monkeypatch.setattr(module, "server", server)
    monkeypatch.setattr(registry.lookup, "project_id", lambda *args, **options: "prj_1")
    monkeypatch.setattr(registry, "announce_anew", lambda *args, **options: {"id": DATASET_ID})
    monkeypatch.setattr(imports, "announce", lambda *args, **options: {"id": DATASET_ID})
    monkeypatch.setattr(registry, "_send_and_wait", lambda *args: DATASET)
    monkeypatch.setattr(imports, "_import_and_wait", lambda *args: DATASET)

    def invoke(*arguments: str) -> str:
        answer = CliRunner().invoke(app, ["dataset", *arguments])
        assert answer.exit_code == 0, answer.output
        return " ".join(answer.output.split())

    return invoke


def test_upload_prints_the_notes_and_then_the_id(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "faces.zip").write_bytes(b"PK")
    said = run("upload", str(tmp_path / "faces.zip"), "--role", "private")
    assert all(note in said for note in NOTES)
    assert said.endswith(DATASET_ID)


def test_import_prints_the_notes(run: Callable[..., str]) -> None:
    said = run("import", "https://example.org/faces.zip", "--name", "faces", "--role", "private")
    assert all(note in said for note in NOTES)


def test_list_and_show_print_the_notes(run: Callable[..., str]) -> None:
    said = run("list")
    assert all(f"faces: {note}" in said for note in NOTES)
    assert "older:" not in said
    said = run("show", DATASET_ID)
    assert all(note in said for note in NOTES)
    assert "sha256:ab" in said
