"""The people that a twin is trained without, and its training list. Deterministic for a seed."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path


class TwinPlanError(ValueError):
    """No twin can be planned from these people or folders. The message says what is missing."""


def replacements(identities: Sequence[str], stand_ins: Sequence[str], count: int, seed: int) -> list[dict[str, str]]:
    """Return `count` pairs of an identity and a stand-in.

    `identities` are names of the audited people, `stand_ins` names of people outside the training
    set. Those whose SHA-256 with the seed is smallest are chosen. Raises TwinPlanError when there
    are too few of either.
    """
    others = sorted(set(stand_ins) - set(identities))
    if count > len(identities):
        raise TwinPlanError(f"--count is {count}, but the audit has {len(identities)} classes")
    if count > len(others):
        raise TwinPlanError(
            f"{count} stand-ins are needed, but the data set names {len(others)} people outside the training set; "
            "choose another labelled data set with --stand-ins"
        )
    replaced = _drawn(identities, count, f"twin/{seed}")
    pairs = zip(replaced, _drawn(others, count, f"stand-in/{seed}"), strict=True)
    return [{"identity": identity, "stand_in": stand_in} for identity, stand_in in pairs]


def _drawn(names: Sequence[str], count: int, what: str) -> list[str]:
    return sorted(sorted(names), key=lambda name: hashlib.sha256(f"exhume/{what}/{name}".encode()).digest())[:count]


def training_list(
    training: Path, stand_ins: Path, replaced: Sequence[dict[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield rows (label, file, person in the file) of the twin's training set, by label.

    Both folders hold one folder per person. A replaced label keeps its number of images. They are
    those of its stand-in, repeated from the first if there are fewer. Raises TwinPlanError for a
    person without images.
    """
    instead = {one["identity"]: one["stand_in"] for one in replaced}
    labels = sorted(folder.name for folder in training.iterdir() if folder.is_dir())
    if missing := sorted(set(instead) - set(labels)):
        raise TwinPlanError(f"{training} has no folder for {', '.join(missing[:5])}")
    for label in labels:
        files = _images(training / label)
        if label in instead:
            other = _images(stand_ins / instead[label])
            files = [other[at % len(other)] for at in range(len(files))]
        for file in files:
            yield label, str(file), instead.get(label, label)


def _images(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    if not files:
        raise TwinPlanError(f"{folder} has no images")
    return files
