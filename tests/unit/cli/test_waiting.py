"""Progress bars tell what the events tell, shard by shard."""

import pytest
from rich.console import Console
from rich.progress import Progress

from app.cli import waiting
from app.cli.waiting import IntakeRefusedError, StageBars, StageLines, until_ready


def percentages(events: list[tuple[str, dict[str, object]]]) -> dict[str, float]:
    with Progress(console=Console(quiet=True)) as progress:
        bars = StageBars(progress)
        for kind, payload in events:
            bars.see(kind, payload)
        return {task.description: task.percentage for task in progress.tasks}


def test_shards_of_a_stage_share_a_bar() -> None:
    shard = {"stage": "attack", "shards": 2}
    events = [
        ("job", shard | {"shard": 0, "state": "running", "attempt": 1}),
        ("job", shard | {"shard": 0, "state": "succeeded", "attempt": 1}),
        ("progress", shard | {"shard": 1, "done": 30, "total": 60}),
    ]
    assert percentages(events) == {"attack": 75.0}


def test_a_second_attempt_is_said() -> None:
    events = [("job", {"stage": "prior", "shard": 0, "shards": 1, "state": "running", "attempt": 2})]
    assert percentages(events) == {"prior again": 0.0}


def test_other_events_and_waiting_jobs_draw_no_bar() -> None:
    events = [("audit", {"state": "running"}), ("job", {"stage": "score", "shard": 0, "state": "waiting"})]
    assert percentages(events) == {}


def test_a_log_gets_a_line_when_a_stage_begins_and_ends() -> None:
    console = Console(width=80, force_terminal=False)
    lines = StageLines(console)
    shard = {"stage": "attack", "shards": 2, "attempt": 1}
    with console.capture() as captured:
        for number, state in ((0, "queued"), (0, "running"), (0, "succeeded"), (1, "running"), (1, "succeeded")):
            lines.see("job", shard | {"shard": number, "state": state, "seconds": 50.0})
        lines.see("progress", shard | {"shard": 1, "done": 1, "total": 2})
        lines.see("job", {"stage": "score", "shard": 0, "state": "running"})
        lines.see("job", {"stage": "score", "shard": 0, "state": "failed"})
    assert captured.get().splitlines() == ["attack begins", "attack done, 2 min", "score begins", "score failed"]


class Answers:
    def __init__(self, *rows: dict[str, object]) -> None:
        self.rows = list(rows)

    def get(self, _: str) -> dict[str, object]:
        return self.rows.pop(0)


def test_a_refused_upload_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 0.0)
    problem = {"code": "nan_weights", "detail": "head.weight holds 3 NaN values"}
    answers = Answers({"state": "checking"}, {"state": "refused", "problem": problem})
    with pytest.raises(IntakeRefusedError, match=r"head\.weight holds 3 NaN"):
        until_ready(answers, "model.safetensors", "/releases/r")  # type: ignore[arg-type]


def test_a_missing_worker_is_suspected_when_nothing_happens() -> None:
    with pytest.raises(TimeoutError, match="exhume doctor"):
        until_ready(Answers(), "model.safetensors", "/releases/r", timeout=0)  # type: ignore[arg-type]
