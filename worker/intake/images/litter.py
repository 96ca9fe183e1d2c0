"""Files and folders that systems and programs leave behind. They are ignored at any depth."""

from __future__ import annotations

import re
from collections import Counter

from app.formats.refusal import shown
from worker.intake.notes import counted

FOLDERS = frozenset(
    {
        *("__macosx", ".trash", ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".appledouble"),
        *("@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", ".thumbnails"),
        *(".ipynb_checkpoints", "__pycache__", ".git", ".svn", ".hg"),
    }
)
"""In lower case. The trash of a user id, such as `.Trash-1000`, is litter too."""
_STEP = re.compile(rf"(?:^|/)({'|'.join(map(re.escape, sorted(FOLDERS)))}|\.trash-[^/]*)(?=/|$)", re.IGNORECASE)
FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
"""In lower case. Hidden files, which begin with a dot, are ignored too."""
KINDS = 8
"""Number of names that the note lists."""


class Litter:
    """Sorts the entries of an archive, and counts what was ignored.

    Attributes:
        ignored: number of ignored files by the name of the folder or file that matched.
        beside: folders that contain litter.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self.beside: set[str] = set()
        self._folders: dict[str, tuple[str, str] | None] = {}

    def holds(self, folder: str, file: str) -> bool:
        """Return whether a file is litter, and count it.

        `folder` has no trailing slash. `file` is empty for the folder itself.
        """
        if folder not in self._folders:
            self._folders[folder] = _litter_folder(folder)
        found = self._folders[folder]
        if found is None and (file.startswith(".") or file.lower() in FILES):
            found = folder, "._*" if file.startswith("._") else file
        if found is None:
            return False
        above, kind = found
        self.beside.add(above)
        if file:
            self.ignored[kind] += 1
        return True

    def notes(self) -> list[str]:
        """Return a note with the numbers, or nothing."""
        if not self.ignored:
            return []
        kinds = ", ".join(f"{shown(name, 40)} ({number:,})" for name, number in self.ignored.most_common(KINDS))
        more = f" and {len(self.ignored) - KINDS:,} other names" if len(self.ignored) > KINDS else ""
        files = counted(self.ignored.total(), "file")
        return [f"Ignored {files} that systems or programs leave behind: {kinds}{more}."]


def _litter_folder(folder: str) -> tuple[str, str] | None:
    """Return the folder above the first litter folder, and the name of that one."""
    found = _STEP.search(folder)
    return None if found is None else (folder[: found.start()], found[1])
