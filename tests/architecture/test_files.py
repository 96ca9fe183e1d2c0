"""The shape of the code base: short files with a stated purpose and meaningful names."""

import ast
import re
from functools import cache
from pathlib import Path
from statistics import median

from app.jobs.stages import Stage

ROOT = Path(__file__).parents[2]
PARTS = ("app", "exhume", "worker", "migrations", "bench", "tests")
LONGEST, LONGEST_OF_A_STAGE, LARGEST_MEDIAN = 400, 200, 120
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(
        path
        for part in PARTS
        for path in sorted((ROOT / part).rglob("*.py"))
        if not {"node_modules", "__pycache__"} & set(path.parts)
    )


def test_there_is_something_to_look_at() -> None:
    assert len(python_files()) > 100


def test_no_file_is_over_400_lines_and_the_median_stays_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in python_files()}
    assert {name: count for name, count in lengths.items() if count > LONGEST} == {}
    assert median(lengths.values()) <= LARGEST_MEDIAN


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    silent = []
    for path in python_files():
        source = path.read_text()
        if source.strip() and not (ast.get_docstring(ast.parse(source)) or "").strip():
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_module_is_named_after_nothing() -> None:
    named = [str(path) for path in python_files() if EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts[:-1]}]
    assert named == []


def test_an_empty_module_is_only_ever_a_package_of_tests() -> None:
    empty = [path for path in python_files() if not path.read_text().strip()]
    assert [str(path) for path in empty if path.name != "__init__.py" or "tests" not in path.parts] == []


def test_nothing_is_left_to_do_later_or_switched_off() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|^\s*except:\s*$|NotImplementedError\(\)", re.MULTILINE)
    left = {
        str(path.relative_to(ROOT)): match.group()
        for path in python_files()
        if path != Path(__file__) and (match := marks.search(path.read_text()))
    }
    assert left == {}


def test_the_folder_of_stages_holds_one_short_file_for_each_stage() -> None:
    """Stages share what is in `worker/evidence`; the result is written by `worker/report`."""
    stages = {path.stem for path in (ROOT / "worker" / "stages").glob("*.py")} - {"__init__"}
    assert stages == {stage.value for stage in Stage}
    folders = ("stages", "evidence", "report")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for folder in folders
        for path in (ROOT / "worker" / folder).glob("*.py")
    }
    assert {name: count for name, count in lengths.items() if count > LONGEST_OF_A_STAGE} == {}
