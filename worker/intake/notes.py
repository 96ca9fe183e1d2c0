"""Notes on an upload from a sandboxed process: cleaned for display and limited in number."""

from __future__ import annotations

from collections.abc import Sequence

from app.formats.refusal import shown

MAX_NOTES = 50
MAX_NOTE = 1000


def bounded(notes: Sequence[object]) -> list[str]:
    """Return at most 50 notes. If there are more, the last one says how many are missing."""
    if len(notes) <= MAX_NOTES:
        return [shown(note, MAX_NOTE) for note in notes]
    kept = [shown(note, MAX_NOTE) for note in notes[: MAX_NOTES - 1]]
    return [*kept, f"{len(notes) - len(kept):,} more notes are not shown."]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 image", "12,000 images"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return the first names, cleaned for display, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(shown(name, 60) for name in names[:most]) + more
