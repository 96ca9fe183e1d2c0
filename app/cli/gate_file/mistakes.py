"""Mistakes in a gate file: where each one is, and how to fix it."""

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from app.cli.gate_file.yaml_reader import Document, Path, YamlError

INLINE = "inline"
SHARES = ("budget", "white_box", "scores", "labels")


class GateFileError(Exception):
    """A file that cannot be used. `lines` has one line per mistake, with its place and its fix."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(lines))


def of_yaml(name: str, error: YamlError) -> GateFileError:
    """Return a mistake in the syntax."""
    return GateFileError([f"{name}:{error.place.line}:{error.place.column}: {error}."])


def of_fields(name: str, document: Document, error: ValidationError, model: type[BaseModel]) -> GateFileError:
    """Return the mistakes in the fields."""
    found = []
    for one in error.errors(include_url=False):
        path = shown(one["loc"], document)
        place = document.place(path)
        found.append((place, f"{name}:{place.line}:{place.column}: {_sentence(one, path, model)}"))
    return GateFileError([line for _, line in sorted(dict.fromkeys(found))])


def shown(location: Sequence[Any], document: Document) -> Path:
    """Return the location of pydantic as the path of keys that the file has."""
    path: Path = ()
    for step in location:
        if (*path, step) in document.values:
            path = (*path, step)
    return path


def _sentence(error: Any, path: Path, model: type[BaseModel]) -> str:
    name, where, given = ".".join(str(step) for step in path) or "the file", error["loc"], error["input"]
    match error["type"]:
        case "extra_forbidden":
            known = _fields(model, where[:-1])
            near = difflib.get_close_matches(str(where[-1]), known, 1, 0.5)
            fix = f"Did you mean {near[0]!r}?" if near else f"The keys here are {', '.join(known)}."
            said = f"unknown key {str(where[-1])!r}{_within(path[:-1])}. {fix}"
        case "missing":
            said = f"the key {str(where[-1])!r} is missing{_within(path)}. Add `{where[-1]}: …`."
        case "literal_error" | "enum":
            said = _choice(error, name)
        case _ if given is None:
            said = f"{name} has no value. Write one after the colon."
        case "string_type" if isinstance(given, float | bool):
            said = f"{name} must be text. Write it in quotes."
        case "string_pattern_mismatch" if name.endswith("digest"):
            said = f"{name} must be `sha256:` and 64 hexadecimal digits. `exhume gate --update-digest` writes it."
        case "greater_than" | "less_than" if name.endswith(SHARES):
            said = f"{name} is {given}. It must be a share above 0 and below 1; write 0.05 for 5 %."
        case "int_parsing" | "int_type" | "int_from_float":
            said = f"{name} must be a whole number, not {given!r}."
        case "float_parsing" | "float_type":
            said = f"{name} must be a number, not {given!r}."
        case "value_error":
            said = f"{name}: {error['ctx']['error']}."
        case "model_type" | "dict_type" | "model_attributes_type":
            said = f"{name} must be keys with values, such as `{_fields(model, where)[0]}: …`."
        case _:
            said = f"{name}: {error['msg']}. The value is {json.dumps(given, default=str)[:80]}."
    return said


def _choice(error: Any, name: str) -> str:
    choices = [one.strip(" '") for one in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
    near = difflib.get_close_matches(str(error["input"]), choices, 1, 0.5)
    fix = f"Did you mean {near[0]!r}?" if near else ""
    said = "unknown key" if error["loc"][-1] == "[key]" else f"{name} cannot be"
    return f"{said} {str(error['input'])!r}. It is one of {', '.join(choices)}. {fix}".rstrip()


def _within(path: Path) -> str:
    return f" in {'.'.join(str(step) for step in path)}" if path else ""


def _fields(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """Return the keys that an object at this location may have."""
    for step in location:
        inner = model.model_fields.get(str(step))
        found = next(_models(inner.annotation), None) if inner is not None else None
        model = found or model
    names = [field.alias or name for name, field in model.model_fields.items() if name != INLINE]
    if INLINE in model.model_fields:
        names += _fields(next(_models(model.model_fields[INLINE].annotation)), ())
    return names


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
