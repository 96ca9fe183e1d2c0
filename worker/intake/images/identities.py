"""Names of identities in a data set: normalised, and rejected if two of them look alike.

The sandbox returns names as they are spelled in the file. The checks run outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.formats.limits import DatasetLimits
from app.formats.names import look_alikes, spelled, tidy, unusable
from app.formats.recipes import WITHOUT_STRANGERS
from app.formats.refusal import Refused, findings
from worker.intake.images.layout import Layout
from worker.intake.notes import counted, listed

SHOWN = 5


def names_of_folders(layout: Layout, limits: DatasetLimits) -> dict[str, str]:
    """Return the stored name of each identity by the name of its folder.

    Names of folders beside each other must differ. The folder in `test/` may spell a name
    differently from the one in `train/`.

    Raises: Refused (identity-name, look-alike-names, held-out-only, too-many-identities).
    """
    beside: dict[str, set[str]] = {}
    for file in layout.files:
        parent = file.entry.name.rsplit("/", 2)[0] if file.entry.name.count("/") > 1 else ""
        beside.setdefault(parent, set()).add(file.identity)
    for names in beside.values():
        _check(sorted(names), limits)
    stored = {name: tidy(name) for name in layout.identities}
    if len(beside) > 1:
        _check(sorted(set(stored.values())), limits)
    trained = {stored[file.identity] for file in layout.files if file.split == "train"}
    if only := sorted(set(stored.values()) - trained):
        raise Refused(
            "held-out-only",
            f"{counted(len(only), 'identity has', 'identities have')} held-out images only: {listed(only, 8)}. "
            f"Put at least one image of each into train/, or leave them out. {WITHOUT_STRANGERS}",
            findings(only, "has no image in train/"),
        )
    return stored


def names_of_labels(names: Sequence[str], limits: DatasetLimits) -> dict[str, str]:
    """Return the stored name of each identity by its name in an .npz.

    Raises: Refused (identity-name, look-alike-names, too-many-identities).
    """
    _check(names, limits)
    return {name: tidy(name) for name in names}


def renamed(stored: Mapping[str, str]) -> list[str]:
    """Return the note on names whose stored form differs from the file, if there are any."""
    pairs = sorted((name, kept) for name, kept in stored.items() if name != kept)
    if not pairs:
        return []
    listing = "; ".join(f"{spelled(name)!r} became {spelled(kept)!r}" for name, kept in pairs[:SHOWN])
    more = f"; and {len(pairs) - SHOWN:,} more" if len(pairs) > SHOWN else ""
    return [
        f"Renamed {counted(len(pairs), 'identity', 'identities')}, as names are stored without surrounding white "
        f"space and with composed accents: {listing}{more}."
    ]


def _check(names: Sequence[str], limits: DatasetLimits) -> None:
    if len(names) > limits.identities:
        raise Refused(
            "too-many-identities",
            f"There are {len(names):,} identities. The limit is {limits.identities:,}.",
        )
    if wrong := unusable(names):
        what = "is blank or holds control characters"
        raise Refused("identity-name", f"The name {spelled(wrong[0])!r} {what}. {_RENAME}", _named(wrong, what))
    if long := [name for name in names if len(tidy(name)) > limits.name_length]:
        what = f"has more than {limits.name_length} characters"
        raise Refused("identity-name", f"The name {long[0][:40]!a}… {what}. {_RENAME}", _named(long, what))
    if pairs := look_alikes(names):
        first, second = map(spelled, pairs[0])
        raise Refused(
            "look-alike-names",
            f"Two identities have names that look alike: {first!r} and {second!r}. If they are the same, put their "
            "images into one folder or under one label. Otherwise rename one. Names must differ in more than case, "
            "the encoding of accents, white space and zero-width characters.",
            [{"name": spelled(other), "detail": f"looks like {spelled(one)!r}"} for one, other in pairs],
        )


def _named(names: Iterable[str], what: str) -> list[dict[str, str]]:
    return findings([spelled(name) for name in names], what)


_RENAME = "Rename the identity."
