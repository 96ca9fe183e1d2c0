"""Sorting of the files of a ZIP into images, other files beside them, and litter."""

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
        files: entries that must be images, by their folder without a trailing slash ("" for none).
        folders: names of the entries that are folders.
        side: files beside the images.
        litter: files that systems and programs left behind. They are in none of the others.
    """

    files: dict[str, list[ZipEntry]] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    side: list[ZipEntry] = field(default_factory=list)
    litter: Litter = field(default_factory=Litter)

    def without_images(self) -> list[str]:
        """Return the folders that hold only litter. They are not identities.

        Raises: Refused (empty-folder) if a folder is empty or has no images, but other files.
        """
        used = _with_all_above(self.files)
        litter = sorted({folder for folder in self.litter.beside if folder and folder not in used})
        if empty := [folder for folder in sorted(set(self.folders) - used) if not _leads_to(litter, folder)]:
            raise Refused(
                "empty-folder",
                f"{counted(len(empty), 'folder')} without an image: {listed(empty, 8)}. Fill or remove them.",
                findings(empty, "has no images"),
            )
        return litter

    def notes(self, read: str = "") -> list[str]:
        """Return notes on the files that were not read, all but `read`.

        Raises: Refused (empty-folder).
        """
        notes = self.litter.notes()
        if left_out := self.without_images():
            notes.append(f"Left out {counted(len(left_out), 'folder')} that only had such files: {listed(left_out)}.")
        if side := [entry.name for entry in self.side if entry.name != read]:
            notes.append(f"Did not read {counted(len(side), 'file')} beside the images: {listed(side)}.")
        return notes


def sort_entries(entries: Iterable[ZipEntry]) -> SortedEntries:
    """Sort up to 200,000 entries by their names."""
    found = SortedEntries()
    files, litter = found.files, found.litter
    for entry in entries:
        folder, _, last = entry.name.rpartition("/")
        if litter.holds(folder, last):
            continue
        if not last:
            found.folders.append(folder)
        elif _is_side_file(last):
            found.side.append(entry)
        elif folder in files:
            files[folder].append(entry)
        else:
            files[folder] = [entry]
    return found


def _is_side_file(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(_SIDE_FILES) or lower in _SIDE_NAMES


def _with_all_above(folders: Iterable[str]) -> set[str]:
    """Return the folders and all folders above them."""
    found: set[str] = set()
    for begin in folders:
        folder = begin
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _leads_to(folders: list[str], folder: str) -> bool:
    """Return whether `folder` is one of `folders`, which are sorted, or contains one."""
    for wanted in (folder, f"{folder}/"):
        place = bisect_left(folders, wanted)
        if place < len(folders) and (folders[place] == folder or folders[place].startswith(f"{folder}/")):
            return True
    return False
