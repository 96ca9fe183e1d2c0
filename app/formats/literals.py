"""Parser for lists of classes: JSON, or a dict or list printed by Python. Nothing is evaluated."""

from __future__ import annotations

import re
from typing import Any

from app.formats.strict_json import JsonRefusedError, strict_json

LONGEST = 2 * 1024 * 1024
MOST_ITEMS = 200_000
_TOKEN = re.compile(
    r"""\s*+(?: (?P<mark>[{}\[\](),:]) | (?P<number>\d{1,9})
    | '(?P<single>(?:[^'\\\n]|\\.)*+)' | "(?P<double>(?:[^"\\\n]|\\.)*+)" )\s*+""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:([\\'\"])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_CLOSING = {"{": "}", "[": "]", "(": ")"}


def read_listing(text: str) -> Any:
    """Parse a JSON value, or a flat dict, list or tuple of strings and integers printed by Python.

    Return None for any other text and for text longer than `LONGEST`.
    """
    if len(text) > LONGEST:
        return None
    try:
        return strict_json(text.encode("utf-8", "surrogatepass"), depth=6, members=MOST_ITEMS, fractions=True)
    except JsonRefusedError:
        pass
    try:
        return _flat(text)
    except _OtherError:
        return None


class _OtherError(ValueError):
    """The text is not a listing."""


def _flat(text: str) -> dict[Any, Any] | list[Any]:
    tokens = _tokens(text)
    if len(tokens) < 2 or tokens[0][0] != "mark" or tokens[-1] != ("mark", _CLOSING.get(tokens[0][1])):
        raise _OtherError
    inner, comma = tokens[1:-1], ("mark", ",")
    if inner and inner[-1] != comma:
        inner.append(comma)
    is_dict = tokens[0][1] == "{"
    width = 4 if is_dict else 2
    found: dict[Any, Any] = {}
    for at in range(0, len(inner), width):
        match inner[at : at + width]:
            case [("value", key), ("mark", ":"), ("value", value), ("mark", ",")] if is_dict and key not in found:
                found[key] = value
            case [("value", value), ("mark", ",")] if not is_dict:
                found[at] = value
            case _:
                raise _OtherError
    return found if is_dict else list(found.values())


def _tokens(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or len(found) > 4 * MOST_ITEMS:
            raise _OtherError
        position = match.end()
        if match["mark"]:
            found.append(("mark", match["mark"]))
        elif match["number"]:
            found.append(("value", int(match["number"])))
        else:
            found.append(("value", _ESCAPE.sub(_unescaped, match["single"] or match["double"] or "")))
    return found


def _unescaped(match: re.Match[str]) -> str:
    plain, *codes, other = match.groups()
    if other is not None:
        raise _OtherError
    if plain is not None:
        return plain
    number = int(next(code for code in codes if code is not None), 16)
    if number > 0x10FFFF:
        raise _OtherError
    return chr(number)
