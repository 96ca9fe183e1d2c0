"""Every threat has an answer with a test that exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text()
ROW = re.compile(
    r"^\| (?P<letter>[A-Z]) \| (?P<threat>[^|]+) \| (?P<answer>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE
)
NAMED = re.compile(r"`(?P<file>tests/[\w/]+\.py)?(?:::(?P<test>\w+))?`")


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer(PAGE))


def named(cell: str) -> list[tuple[str, str | None]]:
    """Return files and tests. A test without a file is in the file before it."""
    found: list[tuple[str, str | None]] = []
    for one in NAMED.finditer(cell):
        found.append((one["file"] or found[-1][0], one["test"]))
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["threat"].strip()[:50])
def test_the_tests_of_an_answer_exist(row: re.Match[str]) -> None:
    tests = named(row["tests"])
    assert tests
    for file, test in tests:
        tree = ast.parse((ROOT / file).read_text())
        functions = {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert test is None or test in functions, f"{file} has no {test}"


def test_every_kind_of_threat_and_every_flow_is_there() -> None:
    assert {row["letter"] for row in rows()} == set("STRIDE")
    flows = {int(number) for number in re.findall(r'"(\d) ', PAGE)}
    headed = {
        int(number)
        for heading in re.findall(r"\*\*([^*]+)\*\* \| \| \|", PAGE)
        for number in re.findall(r"\d", heading)
    }
    assert flows == headed == set(range(1, 10))
