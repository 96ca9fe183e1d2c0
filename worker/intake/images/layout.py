"""Identity and split (train or held-out) of each file of a ZIP, by its folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from app.formats.archive import ZipEntry
from app.formats.recipes import FLATTENED
from app.formats.refusal import Refused, findings, shown
from worker.intake.images.entries import SortedEntries, sort_entries
from worker.intake.images.label_list import Listed, read_list
from worker.intake.notes import counted

SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("test", "testing", "val", "valid", "validation"), "held-out"),
}
"""Names of folders, in lower case."""
_OF_IMAGES = frozenset({"faces", "images", "img", "imgs", "photos", "pictures"})
USUAL = ("train", "test")
"""Never names of identities or of a folder around everything."""


class ImageFile(NamedTuple):
    """One file that must be an image. `identity` is the name of its folder."""

    entry: ZipEntry
    identity: str
    split: str


@dataclass(frozen=True)
class Layout:
    """All image files, ordered by name, and the sorted names of the identities' folders."""

    files: list[ImageFile]
    identities: list[str]
    notes: list[str]


def read_layout(entries: list[ZipEntry], read: Callable[[ZipEntry], bytes]) -> Layout:
    """Read `<identity>/<file>`, or `train/<identity>/<file>` and `test/<identity>/<file>`.

    `test` may be `val`, `valid` and so on. One folder around everything is ignored. Images in one
    folder may have a list of their identities beside them. `read` gives its bytes.

    Raises: Refused (empty-archive, image-outside-folder, folder-layout, empty-folder, label-list).
    """
    found = sort_entries(entries)
    files = found.files
    if not files:
        raise Refused("empty-archive", f"The ZIP archive has no images. {_LAYOUT}")
    if len(files) == 1:
        images = next(iter(files.values()))
        if (known := read_list(found.side, images, read)) is not None:
            return _by_list(found, images, known)
    wrapper = _wrapper(files)
    paths = {folder: folder.removeprefix(wrapper).split("/") for folder in files}
    split = all(len(path) == 2 and path[0].lower() in SPLITS for path in paths.values())
    below = "" if split else _shared_folder(paths.values())
    if below:
        paths = {folder: path[:1] for folder, path in paths.items()}
    if not split:
        _check_flat(files, paths)
    sides = {folder: SPLITS[path[0].lower()] if split else "train" for folder, path in paths.items()}
    order = sorted(files, key=lambda folder: (sides[folder] != "train", paths[folder][-1]))
    placed = [
        ImageFile(entry, paths[folder][-1], sides[folder])
        for folder in order
        for entry in sorted(files[folder], key=attrgetter("name"))
    ]
    notes = _held_out(placed, {paths[folder][0] for folder in files if sides[folder] != "train"})
    notes += [f"Read the images in the folder {below} of each identity."] if below else []
    return Layout(placed, sorted({path[-1] for path in paths.values()}), [*found.notes(), *notes])


def _by_list(found: SortedEntries, images: list[ZipEntry], known: Listed) -> Layout:
    """Return the images of one folder with the identities of a list."""
    named = [(known.identities[entry.name.rpartition("/")[2]], entry) for entry in images]
    placed = [ImageFile(entry, who, "train") for who, entry in sorted(named, key=lambda pair: (pair[0], pair[1].name))]
    note = f"Read the identities of {counted(len(placed), 'image')} from {known.file}."
    return Layout(placed, sorted({who for who, _ in named}), [*found.notes(known.file), note])


def _shared_folder(paths: Iterable[list[str]]) -> str:
    """Return the name of the one folder below each identity, or an empty string."""
    names = {path[1] for path in paths if len(path) == 2}
    alone = all(len(path) == 2 and path[0].lower() not in SPLITS for path in paths)
    return names.pop() if alone and len(names) == 1 and names <= _OF_IMAGES else ""


def _held_out(files: list[ImageFile], folders: set[str]) -> list[str]:
    """Return the note on the folders that were read as held out, unless it is `test`."""
    if not folders - {USUAL[1]}:
        return []
    count = sum(file.split != "train" for file in files)
    return [f"Read {counted(count, 'image')} in {' and '.join(sorted(folders))} as held out."]


def _wrapper(files: Iterable[str]) -> str:
    """Return the only folder around all folders, with its slash, or ""."""
    tops = {folder.partition("/")[0] for folder in files}
    top = next(iter(tops))
    if len(tops) > 1 or top in USUAL or any("/" not in folder for folder in files):
        return ""
    return f"{top}/"


def _check_flat(files: dict[str, list[ZipEntry]], paths: dict[str, list[str]]) -> None:
    if loose := [entry.name for entry in files.get("", ())]:
        raise Refused(
            "image-outside-folder",
            f"{len(loose)} files are not in the folder of an identity, such as {shown(loose[0])!r}. {_LAYOUT}",
            findings(loose, "is not in the folder of an identity"),
        )
    wrong = [entry.name for folder, path in paths.items() if len(path) != 1 for entry in files[folder]]
    sides = [files[folder][0].name for folder, path in paths.items() if path[0] in USUAL]
    if wrong or sides:
        example = (wrong or sides)[0]
        raise Refused(
            "folder-layout",
            f"The folders are not as expected, for example {shown(example)!r}. {_LAYOUT} {FLATTENED}",
            findings(wrong or [example], "is at an unexpected depth"),
        )


_LAYOUT = (
    "Use one folder for each identity: <identity>/<file>, or train/<identity>/<file> and test/<identity>/<file> to"
    " hold some images out. Put a set without identities into one folder."
)
