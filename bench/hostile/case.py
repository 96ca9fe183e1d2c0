"""One file of the corpus: how to build it, the promise it tests, and the code of its rejection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """`build(marker)` returns the bytes. `marker` is the path that must never appear."""

    name: str
    promise: str
    code: str
    build: Callable[[Path], bytes]


def fixed(name: str, promise: str, code: str, data: bytes) -> Case:
    """Return a case whose bytes do not depend on the marker."""
    return Case(name, promise, code, lambda _marker: data)


RUNS_NO_CODE = "no byte of an upload runs code"
BOUNDED = "no upload exhausts the machine"
ONE_MEANING = "every byte has one meaning, so that the checked content is the used content"
SAYS_WHY = "every rejection says why"
STAYS_INSIDE = "no upload reads or writes other files"
