"""Every engine hides the parameters of a statement from its error messages, which are logged."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("app", "worker", "migrations")
MAKERS = {"create_engine", "create_async_engine"}


def talkative(source: str) -> Iterator[int]:
    """Yield the lines that make an engine which does not hide its parameters."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            hidden = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}.get("hide_parameters")
            if hidden != "True":
                yield node.lineno


def test_every_engine_hides_its_parameters() -> None:
    files = [file for part in PARTS for file in (ROOT / part).rglob("*.py")]
    found = {str(file.relative_to(ROOT)): list(talkative(file.read_text())) for file in files}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_an_engine_that_shows_them_is_found() -> None:
    assert list(talkative("create_engine(url, pool_size=1)\ncreate_async_engine(url, hide_parameters=True)")) == [1]
