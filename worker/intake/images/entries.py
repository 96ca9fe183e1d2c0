"""The files of a zip with an image set: what has to be an image, what lies beside the images, and what is litter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.formats.archive import ZipEntry
from app.formats.refusal import Refused, findings
from worker.intake.images.litter import Litter
from worker.intake.notes import counted, listed

_SIDE_FILES = (
    *(".csv", ".json", ".jsonl", ".md", ".rst", ".tsv", ".txt", ".xml", ".yaml", ".yml"),
    *(".cache", ".cfg", ".doc", ".docx", ".htm", ".html", ".ini", ".ipynb", ".log", ".pdf", ".py", ".toml"),
    *(".xls", ".xlsx"),
)
_SIDE_NAMES = frozenset({"authors", "changelog", "citation", "copying", "license", "notice", "readme"})


@dataclass(frozen=True)
class SortedEntries:
    """The entries of an archive.

    Attributes:
        files: those that have to be images, by their folder, which ends without a slash ("" for none).
        folders: names of folders with an entry of their own.
        side: names of files beside the images, which are not read.
        litter: what systems and programs left behind; it is in none of the others.
    """

    files: dict[str, list[ZipEntry]] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    side: list[str] = field(default_factory=list)
    litter: Litter = field(default_factory=Litter)

    def without_images(self) -> list[str]:
        """The folders that hold litter alone: they are no identities.

        Raises: Refused (empty-folder) when a folder holds nothing at all, or files that are not images.
        """
        used = _with_all_above(self.files)
        litter = sorted({folder for folder in self.litter.beside if folder and folder not in used})
        if empty := [folder for folder in sorted(set(self.folders) - used) if not _leads_to(litter, folder)]:
            raise Refused(
                "empty-folder",
                f"{counted(len(empty), 'folder')} without an image: {listed(empty, 8)}. Fill or remove them.",
                findings(empty, "holds no image"),
            )
        return litter

    def notes(self) -> list[str]:
        """What was not read. Raises: Refused (empty-folder)."""
        notes = self.litter.notes()
        if left_out := self.without_images():
            notes.append(
                f"Left out {counted(len(left_out), 'folder')} with nothing but such files: {listed(left_out)}."
            )
        if self.side:
            notes.append(f"Did not read {counted(len(self.side), 'file')} beside the images: {listed(self.side)}.")
        return notes


def sort_entries(entries: Iterable[ZipEntry]) -> SortedEntries:
    """Sort by name alone; there may be 200,000."""
    found = SortedEntries()
    files, litter = found.files, found.litter
    for entry in entries:
        folder, _, last = entry.name.rpartition("/")
        if litter.holds(folder, last):
            continue
        if not last:
            found.folders.append(folder)
        elif _is_side_file(last):
            found.side.append(entry.name)
        elif folder in files:
            files[folder].append(entry)
        else:
            files[folder] = [entry]
    return found


def _is_side_file(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_SIDE_FILES) or lower in _SIDE_NAMES


def _with_all_above(folders: Iterable[str]) -> set[str]:
    """At most three folders deep, once the layout has been checked."""
    found: set[str] = set()
    for begin in folders:
        folder = begin
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _leads_to(folders: list[str], folder: str) -> bool:
    """Whether a folder is one of the others, which are sorted, or lies around one."""
    for wanted in (folder, f"{folder}/"):
        place = bisect_left(folders, wanted)
        if place < len(folders) and (folders[place] == folder or folders[place].startswith(f"{folder}/")):
            return True
    return False
