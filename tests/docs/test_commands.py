"""Every `exhume` command in README and docs exists with the given options and files."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.exit_codes import Exit
from app.releases.schemas import ReleaseCreate
from tests.unit.cli import tree

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PASSES_ON = "worker"


def commands(page: Path) -> Iterator[str]:
    """Return the commands in a page's code blocks, without comments and elisions.

    Continued lines are joined.
    """
    for block in BLOCK.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("exhume ") and "..." not in line:
                yield line.partition(" #")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists_with_its_options(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line)[1:]
        name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in tree.leaves()), None)
        assert name, line
        if name == PASSES_ON:
            continue
        parameters = tree.leaves()[name].params
        known = {option for one in parameters for option in (*one.opts, *one.secondary_opts) if option.startswith("-")}
        used = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert used <= known, line
        required = {one.opts[0] for one in parameters if one.required and one.param_type_name == "option"}
        assert required <= used, line


def test_the_readme_shows_commands() -> None:
    assert len(list(commands(ROOT / "README.md"))) >= 5


def test_the_description_in_the_readme_is_one_that_the_service_takes() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    release = ReleaseCreate.model_validate({"version": "1", **json.loads(shown)})
    assert release.model_dump(mode="json", include=json.loads(shown).keys()) == json.loads(shown)


def test_the_readme_has_the_exit_codes_of_the_code() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    assert "0 PASS, 1 FAIL, 2 audit error, 3 INCONCLUSIVE, 4 usage or permission, 5 still running" in text
    assert [code.value for code in Exit][:6] == [0, 1, 2, 3, 4, 5]
    assert (Exit.PASS, Exit.GATE_FAILED, Exit.AUDIT_ERROR, Exit.INCONCLUSIVE) == (0, 1, 2, 3)
    assert (Exit.USAGE, Exit.STILL_RUNNING) == (4, 5)
