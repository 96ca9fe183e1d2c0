"""Which identity and which side (train, held-out) does each file of the zip belong to?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
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
    files, folders, side = _sorted_out(entries)
    if not files:
        raise Refused("empty-archive", f"The zip file holds no image. {_LAYOUT}")
    notes = [f"Not read: {', '.join(shown(n, 60) for n in side[:5])}{' …' if len(side) > 5 else ''}"] if side else []
    wrapper = _wrapper(files)
    paths = {folder: folder.removeprefix(wrapper).split("/") for folder in files}
    split = all(len(path) == 2 and path[0] in SPLITS for path in paths.values())
    if not split:
        _check_flat(files, paths)
    _check_folders(folders, files)
    sides = {folder: SPLITS[path[0]] if split else "train" for folder, path in paths.items()}
    order = sorted(files, key=lambda folder: (sides[folder] != "train", paths[folder][-1]))
    placed = [
        ImageFile(entry, paths[folder][-1], sides[folder])
        for folder in order
        for entry in sorted(files[folder], key=attrgetter("name"))
    ]
    return Layout(placed, _identities(placed, limits), notes)


def _sorted_out(entries: list[ZipEntry]) -> tuple[dict[str, list[ZipEntry]], list[str], list[str]]:
    """The files that have to be images by their folders, which end without a slash ("" for none); the names of
    folders with an entry of their own; and those of files that are not read. Litter is in none of them."""
    files: dict[str, list[ZipEntry]] = {}
    folders: list[str] = []
    side: list[str] = []
    for entry in entries:
        name = entry.name
        folder, _, last = name.rpartition("/")
        last = (last or folder.rpartition("/")[2]).lower()
        if last in _LITTER or last.startswith("._") or ("__MACOSX" in name and "/__MACOSX/" in f"/{name}/"):
            continue
        if name[-1] == "/":
            folders.append(name)
        elif last.endswith(_SIDE_FILES):
            side.append(name)
        elif folder in files:
            files[folder].append(entry)
        else:
            files[folder] = [entry]
    return files, folders, side


def _wrapper(files: Iterable[str]) -> str:
    """The one folder around all folders, with its slash, or nothing."""
    tops = {folder.partition("/")[0] for folder in files}
    top = next(iter(tops))
    if len(tops) > 1 or top in SPLITS or any("/" not in folder for folder in files):
        return ""
    return f"{top}/"


def _check_folders(folders: list[str], files: Iterable[str]) -> None:
    unused = set(folders)
    for begin in files:  # at most three folders deep, when this is called
        folder = begin
        while folder and unused:
            unused.discard(f"{folder}/")
            folder = folder.rpartition("/")[0]
    if empty := sorted(unused):
        raise Refused(
            "empty-folder",
            f"{len(empty)} folders hold no image: {', '.join(shown(n) for n in empty[:8])}. Fill or remove them.",
            findings(empty, "holds no image"),
        )


def _check_flat(files: dict[str, list[ZipEntry]], paths: dict[str, list[str]]) -> None:
    if loose := [entry.name for entry in files.get("", ())]:
        raise Refused(
            "image-outside-folder",
            f"{len(loose)} files lie in no identity's folder, such as {shown(loose[0])!r}. {_LAYOUT}",
            findings(loose, "lies in no identity's folder"),
        )
    wrong = [entry.name for folder, path in paths.items() if len(path) != 1 for entry in files[folder]]
    sides = [files[folder][0].name for folder, path in paths.items() if path[0] in SPLITS]
    if wrong or sides:
        example = (wrong or sides)[0]
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
