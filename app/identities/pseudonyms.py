"""Replacement of a name by a pseudonym in stored documents.

A name can be any text, such as `7` or `May`. It is therefore replaced where a document keeps
names, and in sentences only where they list or quote names.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from app.db.models import Waiver
from app.formats.names import spelled, tidy

KEEP_NAMES = frozenset(
    {
        *("worst_decile", "named_earlier_only", "identities", "names", "finding"),  # results, decisions, waivers
        *("suggested", "pictures_of", "labelled_as"),  # the order of classes, in the fit of a release
        *("identity", "classes"),  # twins and class lists
    }
)
"""Keys whose text, or list of texts, holds names of identities."""
NAMED = "named"
"""A list of objects that each have a `name`."""
LONGEST_SHOWN = 60
BEFORE = r"(?:^|(?<=such as )|(?<=images of )|(?<=labelled )|(?<=, )|(?<=; )|(?<=: )|(?<= and )|(?<=\()|(?<=['\"“]))"
AFTER = r"(?=$|[,;:.)'\"”]| and | are labelled )"
QUOTED = (r"(?<=['\"“])", r"(?=['\"”])")


@dataclass(frozen=True)
class Pseudonym:
    """All spellings of one identity, and the text that takes their place.

    `findings` and `reasons` are those of waivers, as people wrote them. Decisions repeat them.
    """

    names: frozenset[str]
    text: str
    findings: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()

    def with_waivers(self, waivers: Collection[Waiver], reasons: Collection[str] = ()) -> "Pseudonym":
        """Return this pseudonym with the texts of waivers of the identity, and other reasons."""
        findings = frozenset(one.finding for one in waivers if one.finding is not None)
        return replace(self, findings=findings, reasons=frozenset((*(one.reason for one in waivers), *reasons)))

    @property
    def written(self) -> frozenset[str]:
        """Texts of which a document with the name holds at least one."""
        return self._spellings | self.findings | self.reasons

    @cached_property
    def _spellings(self) -> frozenset[str]:
        return frozenset(one for name in self.names for one in _spellings(name))

    @cached_property
    def _sentence(self) -> re.Pattern[str]:
        listed = "|".join(re.escape(one) for one in sorted(self._spellings, key=len, reverse=True))
        before, after = (BEFORE, AFTER) if all(map(_has_letters, self.names)) else QUOTED
        return re.compile(f"{before}(?:{listed}){after}")

    def in_sentence(self, text: str) -> str:
        """Return a sentence without the name, where it lists or quotes names."""
        return self._sentence.sub(lambda _: self.text, text)

    def in_words(self, text: str) -> str:
        """Return what a person wrote, without the name as a word."""
        listed = "|".join(re.escape(name) for name in sorted(self.names | self.findings, key=len, reverse=True))
        return re.sub(rf"(?<!\w)(?:{listed})(?!\w)", lambda _: self.text, text)

    def in_document(self, value: Any, key: str = "") -> Any:
        """Return a JSON value in which the name is replaced. `key` is that of the value."""
        if isinstance(value, dict):
            made = {name: self.in_document(one, _key_below(key, name)) for name, one in value.items()}
            if value.get("finding") != made.get("finding") and isinstance(value.get("reason"), str):
                made["reason"] = self.in_words(value["reason"])  # a waiver, in the words of who asked for it
            return made
        if isinstance(value, list):
            return [self.in_document(one, key) for one in value]
        if not isinstance(value, str):
            return value
        if (key in KEEP_NAMES and tidy(value) in self._tidy) or (key == "finding" and value in self.findings):
            return self.text
        if key == "reason" and value in self.reasons:
            return self.in_words(value)
        return self.in_sentence(value) if " " in value else value

    def in_reasons(self, value: Any, key: str = "") -> Any:
        """Return a JSON value in which only the reasons of waivers lose the name."""
        if isinstance(value, dict):
            return {name: self.in_reasons(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self.in_reasons(one, key) for one in value]
        return self.in_words(value) if key == "reason" and value in self.reasons else value

    @cached_property
    def _tidy(self) -> frozenset[str]:
        return frozenset(map(tidy, self.names))


def _key_below(key: str, name: str) -> str:
    """Return the key that decides about a value: the `name` of somebody who is named counts."""
    return "identity" if key == NAMED and name == "name" else name


def _spellings(name: str) -> Collection[str]:
    """Return how sentences write a name: as it is, with code points, on one line and cut."""
    line = " ".join(name.split())
    cut = line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"
    return {name, spelled(name), repr(spelled(name))[1:-1], line, cut}


def _has_letters(name: str) -> bool:
    return any(char.isalpha() for char in name)
