"""Deletions know every kind of artifact that a stage makes."""

import re
from pathlib import Path

from app.deletions.derived import KINDS

ROOT = Path(__file__).parents[2]
CALL = re.compile(r"\b(?:make_artifact|get_artifact|keep)\(context, (\w+|\"\w+\")")


def kinds_of(text: str) -> set[str]:
    """Return the kinds in calls, and those of constants of the same file."""
    names = {one for one in CALL.findall(text) if one != "kind"}
    constants = re.findall(r"^((?:\w+, )*\w+) = ((?:\"\w+\", )*\"\w+\")$", text, re.MULTILINE)
    values = {
        name: value.strip('"')
        for left, right in constants
        for name, value in zip(left.split(", "), right.split(", "), strict=False)
    }
    return {values.get(name, name.strip('"')) for name in names} | {values[one] for one in values if "KIND" in one}


def test_every_kind_is_in_the_table() -> None:
    folders = (ROOT / "worker" / "evidence", ROOT / "worker" / "stages")
    found = {kind for folder in folders for file in folder.glob("*.py") for kind in kinds_of(file.read_text())}
    assert {kind for kind in found if not kind.isupper()} == KINDS
