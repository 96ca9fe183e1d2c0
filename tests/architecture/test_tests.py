"""Tests that can fail: every test function asserts something that is not true by construction."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import FUNCTIONS, Function, Module, modules

pytestmark = pytest.mark.xdist_group("syntax trees")  # each test process would parse the source again

CHECKING = ("assert", "check", "expect")
"""Functions whose name begins so assert something, as the tests below demand of ours."""
HELPERS = 4  # calls from a test to the function that asserts


def functions(module: Module) -> Iterator[Function]:
    for node in module.nodes:
        if isinstance(node, FUNCTIONS):
            yield node


def is_test(function: Function) -> bool:
    return function.name.startswith("test_")


def asserts(module: Module, function: Function, depth: int = HELPERS) -> bool:
    """Whether the function asserts, expects an exception, or calls a test function that does."""
    for node in ast.walk(function):
        match node:
            case ast.Assert():
                return True
            case ast.Call(func=called):
                name = ast.unparse(called)
                if name in ("pytest.raises", "pytest.fail", "pytest.warns"):
                    return True
                if name.rpartition(".")[2].lstrip("_").startswith(CHECKING):
                    return True
                if depth and (found := definition(module, name)) is not None and asserts(*found, depth - 1):
                    return True
    return False


def definition(module: Module, name: str) -> tuple[Module, Function] | None:
    """The function of the tests that a name in a module means."""
    home, _, own = module.known.get(name, "").rpartition(".")
    at = modules("tests").get(home)
    return next(((at, one) for one in functions(at) if one.name == own), None) if at is not None else None


def test_every_test_asserts_something() -> None:
    silent = [
        f"{module.name}.{function.name}"
        for module in modules("tests").values()
        if module.name.rpartition(".")[2].startswith("test_")
        for function in functions(module)
        if is_test(function) and not asserts(module, function)
    ]
    assert silent == []


def test_nothing_is_asserted_that_is_true_by_construction() -> None:
    """Whether it is a constant, a comparison with itself, or a tuple instead of a condition."""
    hollow = [
        f"{module.name}:{node.lineno} {ast.unparse(node)}"
        for module in modules("tests").values()
        for node in module.nodes
        if isinstance(node, ast.Assert) and is_hollow(node.test)
    ]
    assert hollow == []


def is_hollow(condition: ast.expr) -> bool:
    match condition:
        case ast.Constant() | ast.Tuple():
            return True
        case ast.Compare(left=left, comparators=[right]):
            return ast.dump(left) == ast.dump(right) and not any(isinstance(n, ast.Call) for n in ast.walk(left))
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(is_hollow(value) for value in values)
    return False


def test_the_rule_sees_tests_that_cannot_fail() -> None:
    source = """
def helper(x): assert x
def deeper(x): helper(x)
def test_silent(): print(1)
def test_direct(): assert len([]) == 0
def test_through_helpers(): deeper(1)
def test_raises():
    with pytest.raises(ValueError): f()
"""
    module = Module("tests.example", ast.parse(source))
    found = {one.name: asserts_alone(module, one) for one in functions(module) if is_test(one)}
    assert found == {"test_silent": False, "test_direct": True, "test_through_helpers": False, "test_raises": True}
    assert [
        is_hollow(ast.parse(text, mode="eval").body) for text in ("True", "a.b == a.b", "f() == f()", "a == b")
    ] == [
        True,
        True,
        False,
        False,
    ]


def asserts_alone(module: Module, function: Function) -> bool:
    return asserts(module, function, depth=0)
