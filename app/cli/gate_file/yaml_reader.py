"""YAML read with the place of every key and value.

Scalars follow YAML 1.2, so that `yes`, `on`, `010` and dates stay text.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

LARGEST = 1024 * 1024
MOST_NODES = 100_000
DEEPEST = 20
INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?((\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


class YamlError(Exception):
    """The text is not YAML that we read."""

    def __init__(self, message: str, place: Place) -> None:
        self.place = place
        super().__init__(message)


@dataclass
class Document:
    """A value, and the places of its keys and values."""

    value: Any
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """Return the place of a key or item, or of the innermost one that exists around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values.get(path) or Place(1, 1)


def parse(text: str) -> Document:
    """Read a text. Raises `YamlError`."""
    if len(text) > LARGEST:
        raise YamlError("is larger than 1 MiB", Place(1, 1))
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        begun = f"{error.context} that begins in line {_place(error.context_mark).line}, " if error.context_mark else ""
        raise YamlError(f"is not YAML: {begun}{error.problem}", _place(error.problem_mark)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise YamlError(f"is not YAML: {error}", Place(1, 1)) from error
    found = Document(None)
    if root is not None:
        found.value = _value(root, (), found)
    return found


def _value(node: Any, path: Path, found: Document) -> Any:
    if len(found.values) >= MOST_NODES or len(path) > DEEPEST:
        raise YamlError("has too many values, or values nested too deeply", _place(node.start_mark))
    found.values[path] = _place(node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*path, number), found) for number, one in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    pairs: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError("has a key that is not text", _place(key.start_mark))
        if key.value in pairs:
            raise YamlError(f"has the key {key.value!r} twice. Delete one of them", _place(key.start_mark))
        inner = (*path, key.value)
        found.keys[inner] = _place(key.start_mark)
        pairs[key.value] = _value(value, inner, found)
    return pairs


def _scalar(node: Any) -> Any:
    if node.style is not None:  # quoted, or a block of text
        return node.value
    if node.value in WORDS:
        return WORDS[node.value]
    if INTEGER.fullmatch(node.value):
        return int(node.value)
    return float(node.value) if NUMBER.fullmatch(node.value) else node.value


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)
