"""The codes of problems that the source can raise, traced through its syntax trees.

A root (an error class, or the function that makes the body of a problem) is called with a code.
Where the code is a parameter, the enclosing function makes problems too, and its callers are
traced in turn. Codes that cannot be traced to constants are listed, so that none is missed.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.architecture.source import FUNCTIONS, Module, Values, modules, parameters

ERRORS = ("app.errors.ProblemError", "app.formats.refusal.Refused")
STATUS_FIRST = "app.kit.problems.plain"
BODY = "app.problem_types.problem_body"


@dataclass(frozen=True)
class Maker:
    """A class or function that makes a problem: the position of its code, and a fixed status."""

    place: int
    status: int | None


@dataclass(frozen=True, order=True)
class Raised:
    """A code, the place where it is given, and its status."""

    code: str
    where: str
    status: int | None


class Trace:
    """Problems raised in some packages. `untraced` lists places with an unknown code.

    `computed` are the full names of functions that compute a code and whose results are known.
    """

    def __init__(self, packages: tuple[str, ...], computed: frozenset[str]) -> None:
        self.modules = modules(*packages)
        self.values = Values(self.modules)
        self.computed = computed
        self.raised: set[Raised] = set()
        self.untraced: set[str] = set()
        self.makers: dict[str, Maker] = {STATUS_FIRST: Maker(1, None), BODY: Maker(0, None)}
        self.errors = {name: 422 if name.endswith("Refused") else 500 for name in ERRORS}
        self._derive()
        calls = [(m, n) for m in self.modules.values() for n in m.nodes if isinstance(n, ast.Call)]
        known = 0
        while known != len(self.makers):
            known = len(self.makers)
            for module, call in calls:
                self._look_at(module, call)

    def _derive(self) -> None:
        """Find the subclasses of the roots, with their status or that of their base."""
        classes = [(m, n) for m in self.modules.values() for n in m.nodes if isinstance(n, ast.ClassDef)]
        known = 0
        while known != len(self.errors):
            known = len(self.errors)
            for module, node in classes:
                bases = [name for base in node.bases if (name := module.meaning(base)) in self.errors]
                if bases:
                    own = next((status for one in node.body if (status := _status(one))), None)
                    self.errors[f"{module.name}.{node.name}"] = own or self.errors[bases[0]]
        starting = {f"{m.name}.{n.name}" for m, n in classes if any(_starts(one) for one in n.body)} - set(ERRORS)
        self.makers |= {name: Maker(0, status) for name, status in self.errors.items() if name not in starting}

    def _look_at(self, module: Module, call: ast.Call) -> None:
        maker = self.makers.get(module.meaning(call.func))
        match call.func:
            case _ if maker is not None:
                self._follow(module, call, maker)
            case ast.Name(id="partial") if (maker := self.makers.get(module.meaning(call.args[0]))) is not None:
                self._follow(module, call, Maker(maker.place + 1, maker.status))
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                around = module.around(call, ast.ClassDef)
                name = f"{module.name}.{around.name}" if isinstance(around, ast.ClassDef) else ""
                if name in self.errors and name not in ERRORS:
                    self._follow(module, call, Maker(0, self.errors[name]))

    def _follow(self, module: Module, call: ast.Call, maker: Maker) -> None:
        where = f"{module.name}:{call.lineno}"
        status = maker.status
        for keyword in call.keywords:
            if keyword.arg == "status" and isinstance(keyword.value, ast.Constant):
                status = keyword.value.value  # type: ignore[assignment]
        if module.meaning(call.func) == STATUS_FIRST and isinstance(call.args[0], ast.Constant):
            status = call.args[0].value  # type: ignore[assignment]
        for home, value in self._code(module, call, maker.place):
            match value:
                case ast.Constant(value=str(code)):
                    self.raised.add(Raised(code, where, status))
                case ast.arg(arg=name):
                    function = home.around(value, *FUNCTIONS)
                    assert isinstance(function, FUNCTIONS)
                    if isinstance(home.parents[function], ast.ClassDef):
                        self.untraced.add(f"{where} a method whose callers are not traced")
                    place = [arg.arg for arg in parameters(function)].index(name)
                    self.makers.setdefault(f"{home.name}.{function.name}", Maker(place, status))
                case ast.Attribute(attr="code"):
                    pass  # the code of another problem, which is passed on
                case ast.Name(id=name) if home.matched(value, name):
                    pass  # taken from a document in which another process wrote it
                case ast.Call(func=called) if home.meaning(called) in self.computed:
                    pass
                case _:
                    self.untraced.add(f"{where} {ast.unparse(value)}")

    def _code(self, module: Module, call: ast.Call, place: int) -> Iterator[tuple[Module, ast.AST]]:
        match call.args[: place + 1]:
            case [*_, ast.Starred(value=several)]:
                yield from self.values.item(module, several, place)
            case [*_, last] if len(call.args) > place:
                if isinstance(last, ast.Call) and module.meaning(last.func) in self.computed:
                    return
                yield from self.values.of(module, last)
            case _:
                self.untraced.add(f"{module.name}:{call.lineno} {ast.unparse(call)}")


@cache
def trace(computed: frozenset[str]) -> Trace:
    """Trace the problems raised by `app` and `worker`."""
    return Trace(("app", "worker"), computed)


def _status(statement: ast.stmt) -> int | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id="status")], value=ast.Constant(value=int(status))):
            return status
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id="status"), *_])], value=ast.Tuple(elts=[first, *_])):
            return first.value if isinstance(first, ast.Constant) else None  # type: ignore[return-value]
    return None


def _starts(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name == "__init__"
