"""Strict JSON parser: no duplicate keys, no NaN, and limits on depth and number of members."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""Matches a string, or an unterminated one. It matches at every quote, so the scan is linear."""


class JsonRefusedError(ValueError):
    """The text is not JSON, or exceeds the limits. The message says which."""


def strict_json(text: bytes, *, depth: int, members: int, fractions: bool = False) -> Any:
    """Parse UTF-8 JSON. Depth and number of members are checked before the parser builds anything.

    `fractions`: accept numbers that are not integers.

    Raises: JsonRefusedError.
    """
    bare = _STRING.sub(b"", text)
    opened, closed = bare.count(b"{") + bare.count(b"["), bare.count(b"}") + bare.count(b"]")
    if opened + bare.count(b",") > members:
        raise JsonRefusedError(f"more than {members} members")
    if opened != closed:
        raise JsonRefusedError("not JSON: brackets do not match")
    level = 0
    for bracket in re.finditer(rb"[\[\]{}]", bare):
        level += 1 if bracket[0] in b"[{" else -1
        if level > depth:
            raise JsonRefusedError(f"nested deeper than {depth} levels")
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=None if fractions else _no_float,
        )
    except UnicodeDecodeError:
        raise JsonRefusedError("not UTF-8") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise JsonRefusedError(f"not JSON ({error})") from None
    except ValueError as error:  # a number with thousands of digits
        raise JsonRefusedError(str(error)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise JsonRefusedError(f"the key {key[:100]!r} appears twice")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise JsonRefusedError(f"{name} is not JSON")


def _no_float(text: str) -> NoReturn:
    raise JsonRefusedError(f"{text[:40]} is not an integer")
