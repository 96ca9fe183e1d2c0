"""Digests of the modules that each maker names, recorded with the version of the maker.

    python -m tests.architecture.code_of_makers

records the code as it is now. Before that, raise the version of each maker whose results the
change alters, so that artifacts are made anew. The test beside this file fails until one of the
two is done.
"""

import ast
import hashlib
import importlib
import json
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

from worker.inversion.keys import Maker

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_suffix(".json")
OURS = ("app", "worker")
DECLARED_IN = ("worker.inversion", "worker.evaluation", "worker.evidence")

Record = dict[str, dict[str, Any]]


@cache
def makers() -> dict[str, Maker]:
    """Every maker that a module of the worker declares, alone or in a dictionary."""
    found: dict[str, Maker] = {}
    for package in DECLARED_IN:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if "Maker(" not in path_of(module.name).read_text():
                continue
            for value in vars(importlib.import_module(module.name)).values():
                for maker in value.values() if isinstance(value, dict) else [value]:
                    if isinstance(maker, Maker):
                        assert found.setdefault(maker.name, maker) == maker, f"two makers are named {maker.name}"
    return found


def path_of(module: str) -> Path:
    """The file of a module or package."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def modules_of(name: str) -> list[str]:
    """A module, or all modules of a package."""
    path = path_of(name)
    if path.name != "__init__.py":
        return [name]
    inside = (file.relative_to(ROOT).with_suffix("") for file in sorted(path.parent.rglob("*.py")))
    return [".".join(file.parts).removesuffix(".__init__") for file in inside]


def shape(node: Any) -> Any:
    """A syntax tree as nested tuples, the same in every version of Python.

    Without docstrings, imports of ours and what `raise` says: no result depends on them.
    """
    if isinstance(node, list):
        return [shape(item) for item in node if not is_silent(item)]
    if isinstance(node, ast.Raise):
        return ("Raise",)
    if isinstance(node, ast.AST):
        parts = ((name, shape(value)) for name, value in ast.iter_fields(node))
        return (type(node).__name__, [(name, value) for name, value in parts if value not in (None, [])])
    return repr(node) if node is not None else None


def is_silent(node: Any) -> bool:
    """Whether a statement computes nothing: a string, or an import of ours or of the future."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.ImportFrom):
        return node.level > 0 or (node.module or "").split(".")[0] in (*OURS, "__future__")
    return isinstance(node, ast.Import) and all(name.name.split(".")[0] in OURS for name in node.names)


def code_digest(source: str) -> str:
    """Digest of a module's source without comments, docstrings, layout and imports of ours."""
    return hashlib.sha256(repr(shape(ast.parse(source))).encode()).hexdigest()[:16]


@cache
def digest_of(module: str) -> str:
    """Digest of the code of a module as it lies there."""
    return code_digest(path_of(module).read_text())


def current() -> Record:
    """Version and code of every maker, as they are."""
    return {
        maker.name: {
            "version": maker.version,
            "code": {module: digest_of(module) for name in maker.modules for module in modules_of(name)},
        }
        for maker in sorted(makers().values(), key=lambda maker: maker.name)
    }


def recorded() -> Record:
    """Version and code of every maker, as they were recorded."""
    record: Record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    return record


def differences(old: Record, new: Record) -> list[str]:
    """A sentence for each maker whose code or version is not the recorded one."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if before is None or after is None:
            found.append(f"{name} is {'gone' if after is None else 'new'}")
            continue
        both = before["code"], after["code"]
        changed = sorted(key for key in both[0].keys() | both[1].keys() if both[0].get(key) != both[1].get(key))
        version = f"version {before['version']}"
        version += f" became {after['version']}" if before["version"] != after["version"] else " did not change"
        found.append(f"{name}: {version}; changed code: {', '.join(changed) or 'none'}")
    return found


if __name__ == "__main__":
    print("\n".join(differences(recorded(), current())) or "nothing changed")
    RECORD.write_text(json.dumps(current(), indent=1) + "\n")
