"""A comparison in the terminal."""

from typing import Any

from app.cli.comparing import lines
from app.contract.nouns import NOUNS
from app.sentences.comparison import other_private_size
from tests.unit.cli.test_render import share


def side(version: str, verdict: str) -> dict[str, Any]:
    risk = share(0.6, 0.5, 0.7)
    return {"target": "door", "version": version, "attacks": ["GMI, +LOM, PCA prior"], "verdict": verdict, "risk": risk}


def test_notes_and_changes_are_printed() -> None:
    note = other_private_size(30, 60, NOUNS["person"])
    found = {
        "sentence": "R rose.",
        "notes": [note],
        "first": side("1", "PASS"),
        "second": side("2", "FAIL"),
        "newly_exposed": [{"name": "Ada"}],
        "no_longer_exposed": [],
        "changes": [{"what": "seed", "first": "1", "second": "2"}],
    }
    assert lines(found) == [
        "R rose.",
        f"note: {note}",
        "  first: door 1, GMI, +LOM, PCA prior: PASS, R 60 % (50 % to 70 %)",
        "  second: door 2, GMI, +LOM, PCA prior: FAIL, R 60 % (50 % to 70 %)",
        "  recognised by only the second: Ada",
        "  seed: 1 -> 2",
    ]
