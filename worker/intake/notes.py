"""Notes on an upload, as a sandboxed process sent them: made fit to print, and bounded without hiding any."""

from __future__ import annotations

from collections.abc import Sequence

from worker.intake.refusal import shown

MAX_NOTES = 50
MAX_NOTE = 1000


def bounded(notes: Sequence[object]) -> list[str]:
    """Return at most 50 sentences. If there are more, the last one says how many are missing."""
    if len(notes) <= MAX_NOTES:
        return [shown(note, MAX_NOTE) for note in notes]
    kept = [shown(note, MAX_NOTE) for note in notes[: MAX_NOTES - 1]]
    return [*kept, f"{len(notes) - len(kept):,} more notes are not shown."]
