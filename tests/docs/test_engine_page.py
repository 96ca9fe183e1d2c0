"""The example of docs/engine.md runs as printed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "engine.md").read_text(), re.DOTALL)


def test_the_page_has_exactly_one_example() -> None:
    assert len(EXAMPLES) == 1


def test_it_reconstructs_and_judges(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(EXAMPLES[0], {"__name__": "example"})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["Greek/character01", "Korean/character07", "Korean/character37"]
    assert all(line.endswith("verified") for line in lines)
