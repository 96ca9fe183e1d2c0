"""Sentences about identities that are not in the release or are spelled differently."""

from collections.abc import Sequence

from app.formats.names import spelled

LISTED = 10


def strangers(names: Sequence[str], total: int, dataset: str) -> str:
    """Return the sentence for identities that were left out, because they are not classes."""
    one = len(names) == 1
    which = "1 identity is not a class" if one else f"{len(names)} identities are not classes"
    out = f"of the release and {'was' if one else 'were'} left out"
    return f"Of {total} identities in data set {dataset!r}, {which} {out}: {_list(names)}."


def respelled(pairs: Sequence[tuple[str, str]], dataset: str) -> str:
    """Return the sentence for identities that match a class despite a different spelling."""
    listing = "; ".join(f"{spelled(name)!r} is class {spelled(known)!r}" for name, known in pairs[:LISTED])
    more = f"; and {len(pairs) - LISTED} more" if len(pairs) > LISTED else ""
    return (
        f"Matched names in data set {dataset!r} with class names that are spelled differently (case, accents, "
        f"white space or zero-width characters): {listing}{more}."
    )


def too_many_strangers(names: Sequence[str], total: int, dataset: str) -> str:
    """Return the sentence for a private data set in which most identities are not classes."""
    return (
        f"{len(names)} of {total} identities in data set {dataset!r} are not classes of the release, more than half: "
        f"{_list(names)}. Check that this is the right set, and name its folders or labels as the release names its "
        "classes."
    )


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(repr(spelled(name)) for name in names[:LISTED]) + more
