"""An audit in a log: a line when a stage begins and ends, with the time left."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rich.progress import Progress

from app.cli.story import STOPPING, Story
from app.cli.terminal import Terminal
from app.cli.watching import StageBars
from exhume import Event

BEGIN = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
SHARD = {"stage": "attack", "shards": 2, "attempt": 1}


def event(kind: str, payload: dict[str, Any], seconds: float = 0) -> Event:
    return Event(seq=1, kind=kind, at=(BEGIN + timedelta(seconds=seconds)).isoformat(), payload=payload)


def lines_of(story: Story, *events: Event) -> list[str]:
    return [line for one in events for line in story.see(one)]


def planned(stage: str, estimate: float, shards: int = 1) -> list[dict[str, Any]]:
    return [
        {"stage": stage, "shard": number, "state": "waiting", "estimate_seconds": estimate} for number in range(shards)
    ]


def test_a_stage_has_a_line_when_it_begins_and_one_when_all_its_shards_are_done() -> None:
    story = Story([*planned("references", 5), *planned("attack", 60, shards=2), *planned("score", 30)])
    lines = lines_of(
        story,
        event("job", {"stage": "references", "state": "running"}),
        event("job", {"stage": "references", "state": "succeeded", "seconds": 4.2}, 4),
        event("job", SHARD | {"shard": 0, "state": "queued"}, 4),
        event("job", SHARD | {"shard": 0, "state": "running"}, 4),
        event("progress", SHARD | {"shard": 0, "done": 1, "total": 2}, 34),
        event("job", SHARD | {"shard": 0, "state": "succeeded", "seconds": 50}, 54),
        event("job", SHARD | {"shard": 1, "state": "running"}, 54),
        event("job", SHARD | {"shard": 1, "state": "succeeded", "seconds": 50}, 104),
        event("job", {"stage": "score", "state": "running"}, 104),
    )
    assert lines == [
        "references begins",
        "references done in 4 s, about 2 min left",
        "attack begins",
        "attack done in 2 min, about 30 s left",
        "score begins",
    ]


def test_what_failed_and_what_is_tried_again_say_why() -> None:
    problem = {"code": "stage_failed", "detail": "IndexError: list index out of range"}
    job = {"stage": "verify", "attempt": 1}
    lines = lines_of(
        Story(),
        event("job", job | {"state": "running"}),
        event("job", job | {"state": "queued", "problem": problem}),
        event("job", job | {"state": "running", "attempt": 2}),
        event("job", job | {"state": "failed", "attempt": 2, "problem": problem}),
    )
    assert lines == [
        "verify begins",
        "verify stopped and will be retried: IndexError: list index out of range",
        "verify failed: IndexError: list index out of range",
    ]


def test_a_job_that_fits_no_worker_says_what_it_waits_for() -> None:
    detail = "The stage attack waits for a worker with at least 12.3 GiB of memory."
    problem = {"code": "no_worker_fits", "detail": detail}
    assert lines_of(Story(), event("job", {"stage": "attack", "state": "queued", "problem": problem})) == [detail]


def test_while_an_audit_is_cancelled_no_time_left_is_reported() -> None:
    story = Story([*planned("attack", 600, shards=2), *planned("score", 60)])
    lines_of(story, event("job", SHARD | {"shard": 0, "state": "running"}))
    assert str(story.left()) == "about 21 min left"
    assert lines_of(story, event("audit", {"state": "cancelling"}, 10)) == [STOPPING]
    assert story.left() is None
    assert lines_of(story, event("job", {"stage": "prior", "state": "succeeded", "seconds": 9})) == [
        "prior done in 9 s"
    ]


def test_what_the_private_images_showed_is_told_when_that_stage_ends() -> None:
    note = "No verifiers judge these images; two are needed to verify anything. The evaluator alone decides."
    found = event("references", {"fit": None, "stopped": None, "notes": [note]})
    lines = lines_of(Story(), found, event("job", {"stage": "references", "state": "succeeded", "seconds": 4}))
    assert lines == [f"note: {note}", "references done in 4 s"]


def test_stages_that_are_skipped_are_not_said_to_begin_and_leave_no_time() -> None:
    story = Story([*planned("prior", 600), *planned("score", 5)])
    stopped = {"code": "class_order", "detail": "The class names are in another order than the model's."}
    lines = lines_of(
        story,
        event("references", {"fit": {}, "stopped": stopped, "notes": [stopped["detail"], "3 images were left out."]}),
        event("job", {"stage": "references", "state": "succeeded", "seconds": 4}),
        event("job", {"stage": "prior", "state": "running"}),
        event("job", {"stage": "prior", "state": "succeeded", "seconds": 0}),
        event("job", {"stage": "score", "state": "running"}),
        event("job", {"stage": "score", "state": "succeeded", "seconds": 2}),
    )
    assert lines == [
        "The class names are in another order than the model's.",
        "note: 3 images were left out.",
        *("references done in 4 s", "score begins", "score done in 2 s"),
    ]
    again = Story([*planned("prior", 600), *planned("score", 5)])
    ended = [event("job", {"stage": stage, "state": "succeeded", "seconds": 1}) for stage in ("prior", "score")]
    assert list(bars(again, event("references", {"stopped": stopped}), *ended)) == ["score"]


def bars(story: Story, *events: Event) -> dict[str, tuple[float, str]]:
    with Progress(console=Terminal(stderr=True), disable=True) as progress:
        drawn = StageBars(progress, story)
        for one in events:
            story.see(one)
            drawn.see(one)
        return {task.description: (task.percentage, task.fields["note"]) for task in progress.tasks}


def test_shards_of_a_stage_share_a_bar_with_what_is_left() -> None:
    story = Story(planned("attack", 60, shards=2))
    assert bars(
        story,
        event("job", SHARD | {"shard": 0, "state": "running"}),
        event("job", SHARD | {"shard": 0, "state": "succeeded", "seconds": 50}, 50),
        event("job", SHARD | {"shard": 1, "state": "running"}, 50),
        event("progress", SHARD | {"shard": 1, "done": 30, "total": 60}, 75),
    ) == {"attack": (75.0, "about 25 s left")}


def test_a_bar_of_a_stage_that_is_over_shows_how_long_it_took() -> None:
    """Check this for somebody who watches days later, too."""
    story = Story(planned("prior", 60))
    job = {"stage": "prior", "shard": 0, "shards": 1}
    with Progress(console=Terminal(stderr=True), disable=True) as progress:
        drawn = StageBars(progress, story)
        for one in (event("job", job | {"state": "running"}), event("job", job | {"state": "succeeded"}, 125)):
            story.see(one)
            drawn.see(one)
        (task,) = progress.tasks
        assert (task.finished, task.finished_time) == (True, 125.0)


def test_a_second_attempt_and_a_stop_are_said_beside_the_bar() -> None:
    running = {"stage": "prior", "shard": 0, "shards": 1, "state": "running", "attempt": 2}
    assert bars(Story(), event("job", running)) == {"prior again": (0.0, "")}
    stopping = bars(Story(planned("prior", 600)), event("job", running), event("audit", {"state": "cancelling"}))
    assert stopping == {"prior again": (0.0, "stopping")}


def test_other_events_and_waiting_jobs_draw_no_bar() -> None:
    story = Story(planned("score", 5))
    assert bars(story, event("audit", {"state": "running"}), event("job", {"stage": "score", "state": "waiting"})) == {}
