"""Files and folders that systems and programs leave behind: part of no image set, at whatever depth they lie."""

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
"""In lower case. Trash of an account by its number, such as `.Trash-1000`, is litter too."""
_STEP = re.compile(rf"(?:^|/)({'|'.join(map(re.escape, sorted(FOLDERS)))}|\.trash-[^/]*)(?=/|$)", re.IGNORECASE)
FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
"""In lower case. Files that begin with a dot are hidden ones, and ignored as well."""
KINDS = 8
"""Names that the note lists."""


class Litter:
    """Sorts the entries of an archive, and counts what was ignored.

    Attributes:
        ignored: number of files by the name of the folder or file that gives them away.
        beside: folders that litter lies in.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self.beside: set[str] = set()
        self._folders: dict[str, tuple[str, str] | None] = {}

    def holds(self, folder: str, file: str) -> bool:
        """Whether this is litter. `folder` has no slash at its end; `file` is empty for the folder itself."""
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
        """A sentence with the numbers, or nothing."""
        if not self.ignored:
            return []
        kinds = ", ".join(f"{shown(name, 40)} ({number:,})" for name, number in self.ignored.most_common(KINDS))
        more = f" and {len(self.ignored) - KINDS:,} other names" if len(self.ignored) > KINDS else ""
        files = counted(self.ignored.total(), "file")
        return [f"Ignored {files} that systems or programs leave behind: {kinds}{more}."]


def _litter_folder(folder: str) -> tuple[str, str] | None:
    """The folder above the first folder that is litter, and the name of that one."""
    found = _STEP.search(folder)
    return None if found is None else (folder[: found.start()], found[1])
