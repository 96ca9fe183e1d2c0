"""Sentences of a result without those that name people.

Most sentences hold figures alone. Those that can name somebody are known by their code; notes and
older sentences have none and are searched for names. The text in place of an erased identity is no
name.
"""

import re
from collections.abc import Sequence

from app.audit_reports.facts import Facts
from app.contract.erased import ERASED
from app.contract.result import Result

NAMING = {"class_order", "complete_references"}
LEFT_OUT = "A sentence that names {many} is left out. A report with names has it."
LISTS = re.compile(r"(?<!\w)['\"]|\bsuch as\b")
"""How a note introduces a name."""


class Nameless:
    """Chooses the sentences of one result that a report shows."""

    def __init__(self, result: Result, classes: Sequence[str], *, names: bool) -> None:
        self._result, self._names = result, names
        there = {name for name in classes if not (name.isdigit() or ERASED.fullmatch(name))}
        words = sorted(map(re.escape, there), key=len, reverse=True)
        self._search = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None

    def coded(self, sentences: Sequence[str], codes: Sequence[str]) -> list[str]:
        """Return sentences, each with its code, without names."""
        return [
            self._left_out if self._hides(text, code) else text for text, code in zip(sentences, codes, strict=False)
        ]

    def notes(self) -> list[str]:
        """Return the notes without names."""
        kept = [note for note in self._result.notes if self._names or not self._may_name(note)]
        return kept if len(kept) == len(self._result.notes) else [*kept, self._left_out]

    def verdict(self) -> str:
        """Return the sentence of the verdict."""
        stopped = self._result.stopped
        hidden = stopped is not None and self._hides(stopped.detail, stopped.code)
        return f"{self._result.verdict}: {self._left_out}" if hidden else self._result.sentence

    @property
    def _left_out(self) -> str:
        return LEFT_OUT.format(many=self._result.noun.many)

    def _hides(self, text: str, code: str) -> bool:
        return not self._names and (code in NAMING or (code == "other" and self._may_name(text)))

    def _may_name(self, text: str) -> bool:
        return bool(LISTS.search(text) or (self._search and self._search.search(text)))


def spoken(facts: Facts) -> Nameless:
    """Return the sentences that this report may show."""
    return Nameless(facts.result, facts.release.classes, names=facts.made.names)
