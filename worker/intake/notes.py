"""Notes on an upload, as a sandboxed process sent them: made fit to print, and bounded without hiding any."""

from __future__ import annotations

from collections.abc import Sequence

from app.formats.refusal import shown

MAX_NOTES = 50
MAX_NOTE = 1000


def bounded(notes: Sequence[object]) -> list[str]:
    """Return at most 50 sentences. If there are more, the last one says how many are missing."""
    if len(notes) <= MAX_NOTES:
        return [shown(note, MAX_NOTE) for note in notes]
    kept = [shown(note, MAX_NOTE) for note in notes[: MAX_NOTES - 1]]
    return [*kept, f"{len(notes) - len(kept):,} more notes are not shown."]


def counted(count: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: "1 image", "12,000 images"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """Write the first names, fit to print, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(shown(name, 60) for name in names[:most]) + more
