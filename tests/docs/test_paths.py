"""Files, folders and modules that the documentation names exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
)
FOLDERS = (".ci", "app", "bench", "ci", "docs", "frontend", "migrations", "tests", "worker")
BUILT = {"app/static"}  # by `make build`
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(rf"(?<![\w./-])((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./{{}},*-]+)")
MODULE = re.compile(r"(?<![\w./-])((?:app|bench|worker|tests)(?:\.[a-zA-Z_]\w*)+)")


def missing(text: str) -> list[str]:
    """Return what a page names in backticks or code blocks and the repository does not have."""
    code = "\n".join([*CODE.findall(text), *re.findall(r"```.*?```", text, re.DOTALL)])
    paths = {path.rstrip("./,") for path in PATH.findall(code)} - BUILT
    return sorted(path for path in paths if not exists(path)) + sorted(
        name for name in set(MODULE.findall(code)) if not is_module(name)
    )


def exists(path: str) -> bool:
    """Whether a path exists. It may leave out the suffix, and `*` stands for anything."""
    return any(ROOT.glob(path)) or any(ROOT.glob(f"{path}.*"))


def is_module(name: str) -> bool:
    """Whether it is a module or package, or something that a module defines."""
    *parts, last = name.split(".")
    parent = ROOT.joinpath(*parts)
    if (parent / last).is_dir() or (parent / f"{last}.py").is_file():
        return True
    source = parent / "__init__.py" if parent.is_dir() else parent.with_suffix(".py")
    return source.is_file() and re.search(rf"\b{last}\b", source.read_text()) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    assert missing(page.read_text()) == []


def test_a_wrong_name_is_noticed() -> None:
    text = "`app/nowhere/x.py` `bench.truth.nothing` `python -m bench.nowhere` `app/kit` `bench.truth.fit` `and/or`"
    assert missing(text) == ["app/nowhere/x.py", "bench.nowhere", "bench.truth.nothing"]
