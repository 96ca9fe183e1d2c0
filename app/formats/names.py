"""Normalisation and comparison of the names of classes and identities.

A name is stored as NFC without surrounding white space or zero-width characters. Two names look
alike if they differ only in case, in composed and decomposed accents, in white space, in
zero-width characters, or in full-width letters. Single characters keep their case: `a` and `A`
differ.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Invisible characters outside the category Cf: the grapheme joiner and the fillers."""
_AT_THE_ENDS = "\u200b\u2060\ufeff"
"""Zero-width characters without meaning at the ends of a name. Joiners can have one (Persian)."""


class Matched(NamedTuple):
    """Names matched with known names.

    `found` maps each name to the known one. `differing` lists (name, known name) where the
    spellings differ. `unknown` lists the names without a match.
    """

    found: dict[str, str]
    differing: list[tuple[str, str]]
    unknown: list[str]


def tidy(name: str) -> str:
    """Return the name in the form in which it is stored."""
    if _is_plain(name) and name.strip(" ") == name:
        return name
    begin, end = 0, len(name)
    while begin < end and _is_margin(name[begin]):
        begin += 1
    while begin < end and _is_margin(name[end - 1]):
        end -= 1
    return unicodedata.normalize("NFC", name[begin:end])


def unusable(names: Iterable[str]) -> list[str]:
    """Return the names that are blank, or hold control characters or lone surrogates."""
    return [
        name
        for name in names
        if not likeness(name) or (not _is_plain(name) and any(_is_control(char) for char in tidy(name)))
    ]


def look_alikes(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of names that look alike: the first of each group with each of the others."""
    first: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for name in names:
        like = likeness(name)
        if like in first:
            pairs.append((first[like], name))
        else:
            first[like] = name
    return pairs


def shared(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names that look like any of the known ones."""
    alike = {likeness(name) for name in known}
    return [name for name in names if likeness(name) in alike]


def matched(names: Sequence[str], known: Sequence[str]) -> Matched:
    """Match names with known names: equal names first, then equal stored forms, then look-alikes.

    A name that looks like several known names is unknown. So are several names that look like the
    same known name.
    """
    found: dict[str, str] = {}
    for same in (str, tidy, likeness):
        offered = _grouped(known, same)
        used = set(found.values())
        for like, asking in _grouped((name for name in names if name not in found), same).items():
            match (asking, offered.get(like)):
                case [[name], [candidate]] if candidate not in used:
                    found[name] = candidate
    in_order = {name: found[name] for name in names if name in found}
    differing = [(name, known) for name, known in in_order.items() if name != known]
    return Matched(in_order, differing, [name for name in names if name not in found])


def _grouped(names: Iterable[str], same: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(same(name), []).append(name)
    return groups


def likeness(name: str) -> str:
    """Return the form that all names which look alike share."""
    if _is_plain(name):
        text = " ".join(name.split())
        return text if len(text) < 2 else text.lower()
    seen = (char for char in unicodedata.normalize("NFKC", name) if not _is_unseen(char))
    text = " ".join("".join(seen).split())
    return text if len(text) < 2 else unicodedata.normalize("NFC", text.lower())


def spelled(name: str) -> str:
    """Return the name with invisible differences spelled out, such as `Jose<U+0301>`.

    Characters outside printable ASCII, and white space at the ends, are shown by code point.
    """
    inner = range(len(name) - len(name.lstrip()), len(name.rstrip()))
    return "".join(
        char if " " <= char <= "~" and (char != " " or place in inner) else f"<U+{ord(char):04X}>"
        for place, char in enumerate(name)
    )


def _is_plain(name: str) -> bool:
    """Whether the name is printable ASCII: a fast path, as there may be 100,000 names."""
    return name.isascii() and name.isprintable()


def _is_margin(char: str) -> bool:
    return char.isspace() or char in _AT_THE_ENDS


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or char in _UNSEEN or "\ufe00" <= char <= "\ufe0f"


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
