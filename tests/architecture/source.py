"""The source as syntax trees, and the possible values of its expressions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.staying import staying

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Value = tuple["Module", ast.AST]
"""An irreducible expression in its module. An `ast.arg` is a parameter of its function."""


@dataclass(eq=False)
class Module:
    """One file: the meaning of its names, and the parent of each node."""

    name: str
    tree: ast.Module
    known: dict[str, str] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    nodes: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes = [self.tree]
        for node in self.nodes:  # grows as it is read
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
                self.nodes.append(child)
            match node:
                case ast.ImportFrom(module=str(origin), names=names):
                    self.known |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in names}
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.known.setdefault(name, f"{self.name}.{name}")

    def meaning(self, called: ast.expr) -> str:
        """Return the full name of what is called, or an empty text if imports do not tell it."""
        match called:
            case ast.Name(id=name):
                return self.known.get(name, "")
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.known:
                return f"{self.known[name]}.{attribute}"
        return ""

    def matched(self, node: ast.AST, name: str) -> bool:
        """Tell whether a `match` in the enclosing function binds the name."""
        function = self.around(node, *FUNCTIONS)
        return function is not None and any(isinstance(n, ast.MatchAs) and n.name == name for n in ast.walk(function))

    def around(self, node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
        """Return the innermost enclosing node of these kinds."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, kinds):
                return node
        return None


@cache
def modules(*packages: str) -> dict[str, Module]:
    """Return the source of these packages by full name."""
    found = {}
    with staying():
        for file in (file for package in packages for file in sorted((ROOT / package).rglob("*.py"))):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = Module(name, ast.parse(file.read_text(), str(file)))
    return found


class Values:
    """Possible values of expressions, traced through names, conditions, tables and functions."""

    def __init__(self, known: dict[str, Module]) -> None:
        self.modules = known

    def of(self, module: Module, node: ast.AST) -> Iterator[Value]:
        """Yield every possible value of the expression."""
        match node:
            case ast.IfExp(body=body, orelse=other):
                yield from self.of(module, body)
                yield from self.of(module, other)
            case ast.Name():
                yield from self._named(module, node)
            case ast.Subscript(slice=ast.Slice(), value=whole):
                yield from self.of(module, whole)
            case ast.Subscript(value=table, slice=ast.Constant(value=int(place))):
                yield from self.item(module, table, place)
            case ast.Subscript(value=table):
                yield from self._elements(module, table)
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
                yield from self._elements(module, table)
                yield from (value for one in default for value in self.of(module, one))
            case ast.Call(func=called) if (function := self._function(module.meaning(called))) is not None:
                home, body = function
                for answer in (one for one in ast.walk(body) if isinstance(one, ast.Return) and one.value):
                    yield from self.of(home, answer.value)  # type: ignore[arg-type]
            case _:
                yield module, node

    def item(self, module: Module, node: ast.AST, place: int) -> Iterator[Value]:
        """Yield every possible value of the item at this place of a tuple."""
        for home, value in self.of(module, node):
            if isinstance(value, ast.Tuple | ast.List) and place < len(value.elts):
                yield from self.of(home, value.elts[place])
            elif not isinstance(value, ast.Tuple | ast.List):
                yield home, value

    def _elements(self, module: Module, node: ast.AST) -> Iterator[Value]:
        for home, value in self.of(module, node):
            match value:
                case ast.Dict(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
                    for part in parts:
                        yield from self.of(home, part)
                case _:
                    yield home, value

    def _named(self, module: Module, name: ast.Name) -> Iterator[Value]:
        scope = module.around(name, *FUNCTIONS)
        while isinstance(scope, FUNCTIONS):
            parameter = next((arg for arg in parameters(scope) if arg.arg == name.id), None)
            if parameter is not None:
                yield module, parameter
            bound = list(self._bound(module, scope, name.id))
            yield from bound
            if bound or parameter is not None:
                return
            scope = module.around(scope, *FUNCTIONS)
        home, _, own = module.known.get(name.id, f"{module.name}.{name.id}").rpartition(".")
        at = self.modules.get(home)
        bound = list(self._bound(at, at.tree, own)) if at is not None else []
        yield from bound or [(module, name)]

    def _bound(self, module: Module, scope: ast.AST, name: str) -> Iterator[Value]:
        inside = module.tree.body if scope is module.tree else ast.walk(scope)
        for node in inside:
            match node:
                case ast.Assign(targets=[target], value=value):
                    yield from self._taken_apart(module, target, name, value, self.of, self.item)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    yield from self._taken_apart(module, target, name, value, self.of, self.item)
                case ast.For(target=target, iter=several):
                    yield from self._taken_apart(module, target, name, several, self._elements, self._each_item)

    def _taken_apart(self, module, target, name, value, whole, part) -> Iterator[Value]:  # type: ignore[no-untyped-def]
        match target:
            case ast.Name(id=own) if own == name:
                yield from whole(module, value)
            case ast.Tuple(elts=targets):
                for place, one in enumerate(targets):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield from part(module, value, place)

    def _each_item(self, module: Module, node: ast.AST, place: int) -> Iterator[Value]:
        for home, element in self._elements(module, node):
            yield from self.item(home, element, place)

    def _function(self, name: str) -> tuple[Module, Function] | None:
        home, _, own = name.rpartition(".")
        module = self.modules.get(home)
        for node in module.tree.body if module is not None else ():
            if isinstance(node, FUNCTIONS) and node.name == own:
                return module, node  # type: ignore[return-value]
        return None


def parameters(function: Function) -> list[ast.arg]:
    """Return the positional parameters of a function, without `self`."""
    given = [*function.args.posonlyargs, *function.args.args]
    return given[1:] if given and given[0].arg in ("self", "cls") else given
