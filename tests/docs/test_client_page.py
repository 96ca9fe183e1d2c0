"""The examples of docs/client.md run as they are written, against a service in memory."""

import inspect
import re
from functools import partial
from pathlib import Path

import httpx
import pytest

import exhume
from exhume import Client
from tests.unit.client.service import Service

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Service:
    """A service with the project, target and data sets that the page assumes."""
    service = Service()
    transport = httpx.MockTransport(service)
    for name in ("Client", "AsyncClient"):
        monkeypatch.setattr(exhume, name, partial(getattr(exhume, name), transport=transport))
    monkeypatch.setenv("EXHUME_API_KEY", "exh_key")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with exhume.Client("http://server", "exh_key") as client:
        project = client.create_project("default")
        client.create_target(project.id, "badge-reader")
        for name, role in (("public-faces", "public"), ("staff-photos", "private")):
            client.create_dataset(project.id, name, role)  # type: ignore[arg-type]
    return service


def ran(example: str, capsys: pytest.CaptureFixture[str]) -> str:
    exec(compile(example, "docs/client.md", "exec"), {"__name__": "example"})  # our own page
    return capsys.readouterr().out


def test_every_example_runs(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    listed, awaited, audited, _ = EXAMPLES
    assert "default" in ran(listed, capsys)
    assert ran(awaited, capsys) == "['default']\n"
    printed = ran(audited, capsys)
    assert "7 bytes sent" in printed
    assert printed.endswith("pass The decision is pass.\nEXH001 pass EXH001 says pass.\n")
    assert service.rows["audits"][0]["request"]["private_dataset_id"] == service.rows["datasets"][1]["id"]


def test_errors_are_caught_as_the_page_says(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    service.refusing["POST /projects"] = 403
    assert ran(EXAMPLES[-1], capsys) == "403 refused No POST /projects.\n"
    service.refusing["POST /projects"] = 409
    assert ran(EXAMPLES[-1], capsys) == "There is a project with this name.\n"


def test_the_page_names_every_method_and_error() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, callable) if not name.startswith("_")}
    named = set(re.findall(r"`(\w+)`", PAGE))
    hidden = {"close", "send_file", "fetch_file", "reuse_file", "until_checked", "delete_upload", "release", "dataset"}
    assert methods - named == hidden
    errors = {name for name in exhume.__all__ if name.endswith("Error")}
    assert errors <= named


def test_no_page_installs_whatever_an_index_has_under_the_name_of_the_package() -> None:
    root = Path(__file__).parents[2]
    by_name = re.compile(r"pip\s+install\s+['\"]?exhume(?![\w\[])")
    assert [
        page.name for page in (root / "README.md", *root.glob("docs/*.md")) if by_name.search(page.read_text())
    ] == []
