"""The gate file of docs/gate-file.md can be read, and its mistakes are reported as shown."""

import re
from pathlib import Path

import pytest

from app.cli.gate_file import read_gate_file
from app.cli.gate_file.manifest import OUTPUTS, AuditPlan, Checkpoint, Manifest
from app.cli.gate_file.mistakes import GateFileError
from tests.unit.cli import tree

PAGE = (Path(__file__).parents[2] / "docs" / "gate-file.md").read_text()
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
MISTAKES = re.findall(r"^exhume\.yaml:.*$", PAGE, re.MULTILINE)


def test_the_whole_file_can_be_read_and_uses_most_keys(tmp_path: Path) -> None:
    (tmp_path / "exhume.yaml").write_text(EXAMPLE)
    file = read_gate_file(tmp_path / "exhume.yaml")
    assert set(file.document.value) == set(Manifest.model_fields)


def test_the_mistakes_are_those_that_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exhume.yaml").write_text(EXAMPLE.replace("effort", "efort").replace("white_box", "whitebox"))
    with pytest.raises(GateFileError) as caught:
        read_gate_file(Path("exhume.yaml"))
    assert caught.value.lines == MISTAKES


def test_every_key_format_and_option_is_described() -> None:
    named = set(re.findall(r"`([\w.-]+)`", PAGE))
    assert {f"checkpoint.{name}" for name in Checkpoint.model_fields} <= named
    assert {*AuditPlan.model_fields, *OUTPUTS} <= named
    options = {option for one in tree.leaves()["gate"].params for option in (*one.opts, *one.secondary_opts)}
    shown = {
        option for option in options if option.startswith("--") and option not in {"--wait", "--project", "--help"}
    }
    assert [option for option in sorted(shown) if f"`{option}" not in PAGE and f", `{option}" not in PAGE] == []
