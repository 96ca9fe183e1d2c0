"""The tree of commands, and valid arguments for each of them."""

import json
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

from app.cli.root import app

LOCAL = {
    "init",
    "gate",
    "up",
    "stop",
    "sign-in",
    "doctor",
    "demo",
    "migrate",
    "backup",
    "restore",
    "api",
    "worker",
    "scheduler",
    "verifier train",
    "verifier convert",
}
DESCRIPTION = {"convention": {"height": 8, "width": 8, "channels": 1}, "classes": ["a", "b"]}
HEX = "0" * 32
PREFIXES = {"audit": "aud", "release": "rel", "dataset": "dst", "upload": "upl", "waiver": "wai", "member": "mem"}
PREFIXES |= {"verifier": "ver", "receipt": "rcp", "hold": "hld", "key": "key"}
PREFIXES |= {"line_up": "blu", "prior": "pri"}
PREFIXES |= {"invitation": "inv", "session": "ses", "other": "aud"}
VALUES = {
    "address": "https://example.org/model.safetensors",
    "role": "public",
    "scope": "audits:read",
    "readers": "public",
    "days": "3",
    "names": f"dst_{HEX}:Ada",
}
ONE_OF = {"waiver ask": ["EXH001"], "policy assign": ["--default"], "policy unassign": ["--default"]}
ONE_OF |= {f"{noun} delete": ["--preview"] for noun in ("audit", "dataset", "release", "verifier", "prior", "project")}
ONE_OF["identity erase"] = ["--preview"]
"""A choice between optional arguments, of which one is required."""
IDS = [
    ("replay", "audit"),
    ("attest", "audit"),
    ("upload delete", "upload"),
    ("twin plan", "audit"),
    ("waiver approve", "waiver"),
    ("waiver revoke", "waiver"),
    ("org role", "member"),
]
IDS += [("receipt save", "receipt"), ("hold release", "hold"), ("key revoke", "key")]
IDS += [("receipt show", "receipt"), ("waiver show", "waiver")]
IDS += [("org remove", "member"), ("org withdraw", "invitation"), ("person sign-out", "session")]
IDS += [(f"blind-line-up {verb}", "audit") for verb in ("create", "list")]
IDS += [(f"blind-line-up {verb}", "line_up") for verb in ("show", "results", "delete")]
IDS += [(f"{noun} delete", noun) for noun in ("audit", "prior")]
IDS += [(f"audit {verb}", "audit") for verb in ("wait", "show", "regression", "cancel", "report", "compare")]
IDS.append(("audit compare", "other"))


def groups() -> Iterator[tuple[str, ...]]:
    """Return the words of every group."""
    yield ()
    for name, command in root().commands.items():
        if hasattr(command, "commands"):
            yield (name,)


@cache
def root() -> Any:
    """Return the root command."""
    return typer.main.get_command(app)


@cache
def leaves() -> dict[str, Any]:
    """Return every command by its words."""
    found = {}
    for words in groups():
        group = root() if not words else root().commands[words[0]]
        for name, command in group.commands.items():
            if not hasattr(command, "commands"):
                found[" ".join((*words, name))] = command
    return found


def filled(words: str, folder: Path, **other: str) -> list[str]:
    """Return a command with all required values. `other` replaces or adds values by parameter."""
    arguments = words.split()
    for parameter in leaves()[words].params:
        if not parameter.required and parameter.name not in other:
            continue
        value = other.get(parameter.name, _value(words, parameter, folder))
        if parameter.param_type_name == "option":
            arguments += [parameter.opts[0], value]
        else:
            arguments.append(value)
    return [*arguments, *ONE_OF.get(words, [])]


def of_kind(parameter: Any, kind: type) -> bool:
    """Tell whether a parameter accepts values of this type."""
    return parameter.type_descriptor.annotation is kind


def takes_choice(parameter: Any) -> bool:
    """Tell whether a parameter accepts one of a few words."""
    annotation = parameter.type_descriptor.annotation
    inner = next(iter(get_args(annotation)), None)
    return get_origin(annotation) is Literal or (isinstance(inner, type) and issubclass(inner, Enum))


def _value(words: str, parameter: Any, folder: Path) -> str:
    if words.startswith("org ") and parameter.name == "role":
        return "viewer"
    if (words, parameter.name) in IDS:
        return f"{PREFIXES[parameter.name]}_{HEX}"
    if of_kind(parameter, Path):
        file = folder / f"{parameter.name}.json"
        if words.startswith("policy "):
            file = folder / "policy.json"
            file.write_text("{}")
            return str(file)
        file.write_text(json.dumps(DESCRIPTION | {"format": "exhume-twin/1", "release": f"rel_{HEX}", "replaced": []}))
        return str(file)
    return VALUES.get(parameter.name, "something")
