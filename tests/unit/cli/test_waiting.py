"""Waiting for the checks of an upload."""

import pytest

from app.cli import waiting
from app.cli.waiting import IntakeRefusedError, until_ready


class Answers:
    def __init__(self, *rows: dict[str, object]) -> None:
        self.rows = list(rows)

    def get(self, _: str) -> dict[str, object]:
        return self.rows.pop(0)


def test_a_rejected_upload_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.0)
    problem = {"code": "nan_weights", "detail": "head.weight holds 3 NaN values"}
    answers = Answers({"state": "checking"}, {"state": "refused", "problem": problem})
    with pytest.raises(IntakeRefusedError, match=r"head\.weight holds 3 NaN"):
        until_ready(answers, "model.safetensors", "/releases/r")  # type: ignore[arg-type]


def test_a_missing_worker_is_suspected_when_nothing_happens() -> None:
    with pytest.raises(TimeoutError, match="exhume doctor"):
        until_ready(Answers(), "model.safetensors", "/releases/r", timeout=0)  # type: ignore[arg-type]
