"""One file of the corpus: how it is built, which promise it tries, and the code with which it must be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """`build(marker)` gives the bytes; `marker` is the file that must never appear."""

    name: str
    promise: str
    code: str
    build: Callable[[Path], bytes]


def fixed(name: str, promise: str, code: str, data: bytes) -> Case:
    """A case whose bytes need no marker."""
    return Case(name, promise, code, lambda _marker: data)


RUNS_NO_CODE = "no byte of an upload runs code"
BOUNDED = "no upload exhausts the machine"
ONE_MEANING = "every byte has one meaning: what was checked is what is used"
SAYS_WHY = "every refusal says why"
STAYS_INSIDE = "no upload reads or writes what is not its own"
