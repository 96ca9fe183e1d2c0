"""docs/settings.md describes exactly the settings of the code."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from app.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<default>[^|]*) \| (?P<meaning>[^|]*) \|$", re.MULTILINE)
UNPREFIXED = {"database_url", "redis_url"}


def variable(field: str) -> str:
    return field.upper() if field in UNPREFIXED else f"EXHUME_{field.upper()}"


def rows() -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["default"].strip(), row["meaning"].strip()) for row in ROW.finditer(PAGE.read_text())}


def test_every_setting_has_a_row_and_every_row_a_setting() -> None:
    assert set(rows()) == {variable(field) for field in Settings.model_fields}


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_the_page_says_what_the_code_says(field: str) -> None:
    info = Settings.model_fields[field]
    default, meaning = rows()[variable(field)]
    assert info.description is not None
    assert meaning.startswith(info.description)
    if info.default is not PydanticUndefined:
        assert default == ("unset" if info.default is None else f"`{info.default}`")
