"""New findings fail; accepted ones and an unreachable advisory service do not."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "advisories.py"


@pytest.fixture(scope="module")
def advisories() -> ModuleType:
    spec = importlib.util.spec_from_file_location("advisories", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["advisories"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def pip(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_new_finding_fails_and_is_named(advisories: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    found = advisories.of_pip(pip({"name": "idna", "version": "2.10", "vulns": [{"id": "PYSEC-2024-60"}]}))
    assert not advisories.report("pip-audit", found, set())
    assert "idna: PYSEC-2024-60 is new" in capsys.readouterr().out
    assert advisories.report("pip-audit", found, {advisories.Finding("idna", "PYSEC-2024-60")})


def test_findings_of_npm_are_named_by_their_advisory(advisories: ModuleType) -> None:
    cause = {"name": "left", "url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc", "severity": "high"}
    found = advisories.of_npm(json.dumps({"vulnerabilities": {"left": {"via": [cause]}, "right": {"via": ["left"]}}}))
    assert found.findings == {advisories.Finding("left", "GHSA-aaaa-bbbb-cccc")}
    assert not advisories.report("npm audit", found, set())


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("of_pip", ""),
        ("of_pip", "ERROR: connection failed"),
        ("of_pip", pip({"name": "idna", "skip_reason": "not found"})),
        ("of_npm", ""),
        ("of_npm", json.dumps({"message": "405 Method Not Allowed", "error": {"summary": ""}})),
    ],
)
def test_an_unreachable_service_is_reported_and_does_not_fail(
    advisories: ModuleType, capsys: pytest.CaptureFixture[str], reader: str, text: str
) -> None:
    assert advisories.report("audit", getattr(advisories, reader)(text), set())
    assert "not checked: advisory service unreachable" in capsys.readouterr().out


def test_packages_without_an_answer_are_named(advisories: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    found = advisories.of_pip(pip({"name": "idna", "vulns": []}, {"name": "torch", "skip_reason": "not found"}))
    assert advisories.report("pip-audit", found, set())
    assert "nothing known about torch" in capsys.readouterr().out


def test_what_is_accepted_has_a_reason_and_a_date(advisories: ModuleType, tmp_path: Path) -> None:
    assert isinstance(advisories.accepted(), set)
    entry = '[[accepted]]\nid = "X"\npackage = "p"\n'
    path = tmp_path / "list.toml"
    for more in ("", 'reason = "r"\n', "date = 2026-01-01\n", 'reason = ""\ndate = 2026-01-01\n'):
        path.write_text(entry + more)
        with pytest.raises(SystemExit, match="needs a reason and a date"):
            advisories.accepted(path)
    path.write_text(entry + 'reason = "r"\ndate = 2026-01-01\n')
    assert advisories.accepted(path) == {advisories.Finding("p", "X")}
