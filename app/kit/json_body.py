"""Strict JSON: only what PostgreSQL and other parsers can hold too.

Rejected are NaN and infinite numbers, integers beyond 64 bits, the character NUL, lone surrogates
and values nested deeper than 200 levels.
"""

import asyncio
import json
import math
import re
from typing import Any

from fastapi import Request
from pydantic_core import from_json

from app.errors import StalledError

SUSPECT = re.compile(rb"\\u0000|[0-9]{19}|[0-9][eE]\+?[0-9]{3}")
"""Found in every body that holds a value `_check` rejects, and in few others."""
BODY_SECONDS = 30.0
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def parse(text: bytes) -> Any:
    """Return the value of a JSON text. Raises `ValueError`."""
    value = from_json(text, allow_inf_nan=False, cache_strings="keys")
    if SUSPECT.search(text):
        _check(value)
    return value


def _check(value: Any) -> None:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if "\0" in text:
                raise ValueError("texts must not contain the character NUL")
            case bool():
                continue
            case int() as number if not SMALLEST <= number <= LARGEST:
                raise ValueError("integers must fit in 64 bits")
            case float() as number if not math.isfinite(number):
                raise ValueError("numbers must be finite")
            case list() as items:
                waiting.extend(items)
            case dict() as items:
                waiting.extend(items.keys())
                waiting.extend(items.values())


class JsonRequest(Request):
    """A request whose JSON body is parsed strictly."""

    async def body(self) -> bytes:
        """Return the body. Raises `StalledError` if it does not arrive in time."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await super().body()
        except TimeoutError:
            detail = f"The body of the request did not arrive within {BODY_SECONDS:.0f} seconds."
            raise StalledError("body_stalled", detail, headers={"Connection": "close"}) from None

    async def json(self) -> Any:
        """Return the parsed body. Raises `JSONDecodeError`, which is answered with 422."""
        if not hasattr(self, "_parsed"):
            try:
                self._parsed = parse(await self.body())
            except ValueError as error:
                raise json.JSONDecodeError(str(error), "", 0) from error
        return self._parsed
