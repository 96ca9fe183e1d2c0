"""`/problems` explains exactly the kinds of problems that the source can raise."""

import re
from collections import defaultdict

import pytest

from app.errors import ProblemError
from app.formats.declared import DeclarationError
from app.problem_types import TYPES
from app.problem_types.table import PARTS
from tests.architecture.raised_problems import trace
from tests.architecture.source import ROOT, modules
from worker.inversion.errors import EngineError
from worker.runtime.problems import engine_code

pytestmark = pytest.mark.xdist_group("syntax trees")  # each test process would parse the source again

COMPUTED = frozenset({"worker.runtime.problems.engine_code"})


def engine_codes() -> set[str]:
    """Return the codes of the engine's error classes."""
    kinds: list[type[EngineError] | type[DeclarationError]] = [EngineError, DeclarationError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {engine_code(kind) for kind in kinds if kind.__module__.startswith(("app.", "worker."))}


def test_every_place_that_makes_a_problem_is_understood() -> None:
    assert trace(COMPUTED).untraced == set()
    assert len(trace(COMPUTED).raised) > 400


def test_every_code_has_an_entry_and_every_entry_is_used() -> None:
    raised = {one.code for one in trace(COMPUTED).raised} | engine_codes()
    assert {"without entry": sorted(raised - set(TYPES)), "unused": sorted(set(TYPES) - raised)} == {
        "without entry": [],
        "unused": [],
    }


def test_no_code_is_explained_twice() -> None:
    assert sum(len(part) for part in PARTS) == len(TYPES)


def test_the_statuses_are_those_with_which_a_code_is_raised() -> None:
    raised: dict[str, set[int]] = defaultdict(set)
    for one in trace(COMPUTED).raised:
        if one.status is not None:
            raised[one.code].add(one.status)
    statuses = {code: sorted(TYPES[code].statuses) for code in raised if code in TYPES}
    assert statuses == {code: sorted(raised[code]) for code in statuses}


def test_the_type_of_a_problem_is_made_in_one_place() -> None:
    """Check that only one place assembles the address, without a foreign domain."""
    places = {name for name in modules("app", "exhume", "worker") if re.search(r'"/problems/|exhume\.dev', _text(name))}
    assert places == {"app.problem_types.body", "app.system.problem_types"}
    assert ProblemError("internal", "x").to_dict()["type"] == "/problems/internal"


def test_every_kind_says_what_happened_and_what_to_do_in_whole_sentences() -> None:
    for code, kind in TYPES.items():
        assert not kind.title.endswith("."), code
        for sentence in (kind.happened, kind.why, kind.do):
            assert sentence.endswith((".", "`.")), (code, sentence)


def _text(name: str) -> str:
    path = ROOT / name.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
