"""Kept artifacts are reused only while the code that made them is the recorded one."""

import ast
import copy

import pytest

from tests.architecture import code_of_makers as code

HOW = (
    "If results differ, raise the version of the maker, so that kept artifacts are made anew. "
    "Then run: python -m tests.architecture.code_of_makers"
)
WITHOUT_RESULTS = {
    "worker.inversion.errors",
    "worker.inversion.keys",
    "worker.inversion.progress",
    "worker.inversion.registry",
    "worker.inversion.losses",
    "worker.inversion.objective",
}
"""Modules that makers import for errors, names and types."""
PRIORS = {"wgan-gp", "non-saturating", "kedmi", "pca"}
OTHER_KINDS = ("worker.inversion.priors.", "worker.inversion.targets.")
"""Modules that every kind of prior imports, and their targets. A prior is trained by its own."""


def test_no_code_of_a_maker_changed_without_a_word() -> None:
    assert code.differences(code.recorded(), code.current()) == [], HOW


@pytest.mark.parametrize(
    "other",
    [
        'def f(x):\n    """Says something."""\n    # and more\n    return  x+1\n',
        "from worker.inversion import data\nimport app.kit\nfrom . import near\ndef f(x): return x + 1\n",
    ],
)
def test_comments_docstrings_layout_and_imports_of_ours_change_no_digest(other: str) -> None:
    assert code.code_digest(other) == code.code_digest("def f(x):\n    return x + 1\n")


def test_the_words_of_an_error_change_no_digest_and_its_condition_does() -> None:
    source = "if x > 1:\n    raise ValueError('{}')\n"
    assert code.code_digest(source.format("a")) == code.code_digest(source.format("b"))
    assert code.code_digest(source) != code.code_digest(source.replace("> 1", "> 2"))


@pytest.mark.parametrize("other", ["x = 2", "x = 1.0", "x = '1'", "y = 1", "x += 1", "import torch\nx = 1"])
def test_any_other_change_is_noticed(other: str) -> None:
    assert code.code_digest("x = 1") != code.code_digest(other)


def test_a_changed_module_is_reported_with_the_makers_that_name_it() -> None:
    old = code.current()
    new = copy.deepcopy(old)
    for one in new.values():
        if "worker.inversion.students" in one["code"]:
            one["code"]["worker.inversion.students"] = "other"
    new["students"]["version"] += 1
    assert code.differences(old, new) == [
        f"p-reg: version {old['p-reg']['version']} did not change; changed code: worker.inversion.students",
        f"power: version {old['power']['version']} did not change; changed code: worker.inversion.students",
        f"students: version {old['students']['version']} became {new['students']['version']}; "
        "changed code: worker.inversion.students",
    ]


def test_every_kind_of_kept_artifact_has_a_maker() -> None:
    others = {"domain-refit", "students", "p-reg", "evaluator", "embeddings", "power-reference", "power"}
    assert set(code.makers()) == PRIORS | others


@pytest.mark.parametrize("name", sorted(code.makers()))
def test_a_maker_names_every_module_of_the_engine_that_its_code_imports(name: str) -> None:
    named = {module for each in code.makers()[name].modules for module in code.modules_of(each)}
    packages = {module for module in named if code.path_of(module).name == "__init__.py"}
    missing = {
        f"{module} imports {other}"
        for module in named
        if module.startswith(("worker.inversion", "worker.evaluation"))
        for other in engine_imports(module)
        if other not in named | WITHOUT_RESULTS | packages and not (name in PRIORS and other.startswith(OTHER_KINDS))
    }
    assert missing == set()


def engine_imports(module: str) -> set[str]:
    """Modules of the engine that a module imports, at the top or inside."""
    found = set()
    for node in ast.walk(ast.parse(code.path_of(module).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker."):
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                found.add(inner if code.path_of(inner).exists() else str(node.module))
    return found
