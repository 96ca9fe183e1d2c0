"""Which identity and which side (train, held-out) does each file of the zip belong to?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from worker.intake.archive import ZipEntry
from worker.intake.limits import DatasetLimits
from worker.intake.refusal import Refused, findings, shown

SPLITS = {"train": "train", "test": "held-out"}
_LITTER = {".ds_store", "thumbs.db", "desktop.ini", ".gitkeep"}
_SIDE_FILES = (".csv", ".json", ".jsonl", ".md", ".rst", ".tsv", ".txt", ".xml", ".yaml", ".yml")


class ImageFile(NamedTuple):
    """One file that has to be an image."""

    entry: ZipEntry
    identity: str
    split: str


@dataclass(frozen=True)
class Layout:
    """All image files, ordered by name, and the sorted names of the identities."""

    files: list[ImageFile]
    identities: list[str]
    notes: list[str]


def read_layout(entries: list[ZipEntry], limits: DatasetLimits) -> Layout:
    """`<identity>/<file>`, or `train/<identity>/<file>` with `test/<identity>/<file>`; one folder around all is fine.

    Raises: Refused (empty-archive, image-outside-folder, folder-layout, empty-folder, held-out-only, identity-name).
    """
    kept = [e for e in entries if not _is_litter(e.name)]
    folders = [e.name for e in kept if e.is_folder]
    side = [e.name for e in kept if e.name.lower().endswith(_SIDE_FILES)]
    beside = set(side)
    files = [e for e in kept if not e.is_folder and e.name not in beside]
    if not files:
        raise Refused("empty-archive", f"The zip file holds no image. {_LAYOUT}")
    notes = [f"Not read: {', '.join(shown(n, 60) for n in side[:5])}{' …' if len(side) > 5 else ''}"] if side else []
    wrapper = _wrapper(files)
    paths = [e.name.removeprefix(wrapper).split("/") for e in files]
    split = all(len(p) == 3 and p[0] in SPLITS for p in paths)
    if not split:
        _check_flat(files, paths)
    _check_folders(folders, files)
    sides = [SPLITS[p[0]] if split else "train" for p in paths]
    order = sorted(
        (side != "train", p[-2], e.name, i) for i, (side, p, e) in enumerate(zip(sides, paths, files, strict=True))
    )
    placed = [ImageFile(files[i], identity, sides[i]) for _, identity, _, i in order]
    return Layout(placed, _identities(placed, limits), notes)


def _is_litter(name: str) -> bool:
    last = name.rstrip("/").rpartition("/")[2]
    return "/__MACOSX/" in f"/{name}/" or last.lower() in _LITTER or last.startswith("._")


def _wrapper(files: list[ZipEntry]) -> str:
    """The one folder around everything, with its slash, or nothing."""
    tops = {e.name.split("/")[0] for e in files}
    top = next(iter(tops))
    if len(tops) > 1 or top in SPLITS or any(e.name.count("/") < 2 for e in files):
        return ""
    return f"{top}/"


def _check_folders(folders: list[str], files: list[ZipEntry]) -> None:
    unused = set(folders)
    for entry in files:  # at most three folders deep, when this is called
        folder = entry.name
        while unused and (folder := folder.rpartition("/")[0]):
            unused.discard(f"{folder}/")
    if empty := sorted(unused):
        raise Refused(
            "empty-folder",
            f"{len(empty)} folders hold no image: {', '.join(shown(n) for n in empty[:8])}. Fill or remove them.",
            findings(empty, "holds no image"),
        )


def _check_flat(files: list[ZipEntry], paths: list[list[str]]) -> None:
    loose = [e.name for e, p in zip(files, paths, strict=True) if len(p) == 1]
    if loose:
        raise Refused(
            "image-outside-folder",
            f"{len(loose)} files lie in no identity's folder, such as {shown(loose[0])!r}. {_LAYOUT}",
            findings(loose, "lies in no identity's folder"),
        )
    wrong = [e.name for e, p in zip(files, paths, strict=True) if len(p) != 2]
    if wrong or {p[0] for p in paths} & set(SPLITS):
        example = wrong[0] if wrong else next(e.name for e, p in zip(files, paths, strict=True) if p[0] in SPLITS)
        raise Refused(
            "folder-layout",
            f"The folders are not as expected, for example {shown(example)!r}. {_LAYOUT}",
            findings(wrong or [example], "lies at an unexpected depth"),
        )


def _identities(files: list[ImageFile], limits: DatasetLimits) -> list[str]:
    names = sorted({f.identity for f in files if f.split == "train"})
    if only := sorted({f.identity for f in files} - set(names)):
        raise Refused(
            "held-out-only",
            f"{len(only)} identities have images in test/ but none in train/: {', '.join(shown(n) for n in only[:8])}."
            " Give each at least one image in train/.",
            findings(only, "has no image in train/"),
        )
    for name in names:
        if len(name) > limits.name_length:
            raise Refused(
                "identity-name", f"The folder name {shown(name)!r} is too long; {limits.name_length} is the limit."
            )
    if len(names) > limits.identities:
        raise Refused(
            "too-many-identities", f"{len(names):,} folders, at most {limits.identities:,} identities are taken."
        )
    return names


_LAYOUT = (
    "Put each identity's images into a folder of its own, <identity>/<file>, or train/<identity>/<file> and"
    " test/<identity>/<file> to hold some out. A set without identities goes into one folder."
)
