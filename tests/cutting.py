"""Ends a piece of work between two of its transactions, as a kill of its process would."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import get_ident
from typing import Any

from sqlalchemy import Engine, event


class Cut(BaseException):
    """The process ends here. No handler of errors sees it."""


@dataclass
class Cutter:
    """The number of places passed so far, and whether the work was cut."""

    passed: int = 0
    cut: bool = False


@contextmanager
def cut_at(engine: Engine, place: int, kind: type[BaseException] = Cut) -> Iterator[Cutter]:
    """Raise at this place of the work of this thread, and swallow it at the end of the block.

    Places are the begin and the commit of each transaction. A cut is either after one commit and
    before anything else, or after all statements of a transaction and before its commit.
    """
    thread, cutter = get_ident(), Cutter()

    def here(connection: Any) -> None:
        if get_ident() != thread or cutter.cut:
            return
        cutter.passed += 1
        if cutter.passed == place:
            cutter.cut = True
            raise kind

    for name in ("begin", "commit"):
        event.listen(engine, name, here)
    try:
        yield cutter
    except kind:
        pass
    finally:
        for name in ("begin", "commit"):
            event.remove(engine, name, here)
