"""Following an audit in the terminal, with progress bars or log lines, until it is finished."""

from datetime import UTC, datetime
from typing import Any

import typer
from rich.progress import Progress, Task, TaskID

from app.cli import bars
from app.cli.running import print_queue
from app.cli.story import Story
from app.cli.terminal import Terminal, err
from app.cli.time_left import ENDED, moment
from app.contract.exit_codes import Exit
from exhume import Client, Event

HIDDEN = {"waiting", "queued", "cancelled"}


class StageBars:
    """One bar per stage, shared by its shards, with the time left beside the running stage."""

    def __init__(self, progress: Progress, story: Story) -> None:
        self._progress = progress
        self._story = story
        self._bars: dict[str, TaskID] = {}
        self._ended: set[str] = set()

    def see(self, event: Event) -> None:
        """Draw the state after this event."""
        for stage in dict.fromkeys(job["stage"] for job in self._story.jobs.values()):
            shards = self._story.of_stage(stage)
            begun = not all(job["state"] in HIDDEN for job in shards)
            if stage not in self._ended and (stage in self._bars or begun) and not self._story.skips(stage):
                self._draw(stage, shards)

    def _draw(self, stage: str, shards: list[dict[str, Any]]) -> None:
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(stage, total=100 * len(shards), note="")
            self._began_at(stage, shards)
        again = " again" if any(job.get("attempt", 0) > 1 and job["state"] != "succeeded" for job in shards) else ""
        runs = any(job["state"] == "running" for job in shards)
        left = self._story.left() if runs else None
        note = "stopping" if runs and self._story.audit_state == "cancelling" else str(left or "")
        done = sum(_part(job) for job in shards)
        self._progress.update(self._bars[stage], completed=done, description=f"{stage}{again}", note=note)
        if all(job["state"] in ENDED for job in shards):
            self._ended_at(stage, shards)

    def _began_at(self, stage: str, shards: list[dict[str, Any]]) -> None:
        """Make a bar that is drawn late count from the start of its stage."""
        began = _began(shards)
        if began:
            past = (datetime.now(UTC) - began).total_seconds()
            self._task(stage).start_time = self._progress.get_time() - max(past, 0.0)

    def _ended_at(self, stage: str, shards: list[dict[str, Any]]) -> None:
        """Make the bar of a finished stage show how long the stage took."""
        self._ended.add(stage)
        self._progress.stop_task(self._bars[stage])
        began = _began(shards)
        if began:
            task, took = self._task(stage), max((self._story.now - began).total_seconds(), 0.0)
            task.stop_time = (task.start_time or 0.0) + took
            task.finished_time = took if task.finished else None

    def _task(self, stage: str) -> Task:
        return next(task for task in self._progress.tasks if task.id == self._bars[stage])


def _began(shards: list[dict[str, Any]]) -> datetime | None:
    began = [moment(job["started_at"]) for job in shards if job.get("started_at")]
    return min(began, default=None)


def _part(job: dict[str, Any]) -> float:
    if job["state"] == "succeeded":
        return 100.0
    return 100.0 * job["done"] / job["total"] if job.get("total") else 0.0


def watch(
    client: Client, audit_id: str, console: Terminal = err, *, timeout: float | None = None, continues: bool = True
) -> dict[str, Any]:
    """Show an audit's stages until it is finished, and return the audit.

    Ctrl-C leaves it running, and says so if it `continues` without this command. Raises
    `StillRunningError` after `timeout` seconds.
    """
    try:
        jobs = list(client.items(f"/audits/{audit_id}/jobs"))
        if jobs and all(job["state"] in {"waiting", "queued"} for job in jobs):
            print_queue(console, client, audit_id)
        story = Story(jobs)
        if console.is_terminal:
            _draw(client, audit_id, story, console, timeout)
        else:
            for event in client.events(audit_id, timeout=timeout):
                console.say(*story.see(event))
    except KeyboardInterrupt as stop:
        if not continues:
            raise
        console.say("", f"The audit continues. Run `exhume audit wait {audit_id}` to follow it again.")
        raise typer.Exit(Exit.STILL_RUNNING) from stop
    return dict(client.get(f"/audits/{audit_id}"))


def _draw(client: Client, audit_id: str, story: Story, console: Terminal, timeout: float | None) -> None:
    with bars.of_work(console) as progress:
        drawn = StageBars(progress, story)
        for event in client.events(audit_id, timeout=timeout):
            lines = story.see(event)
            if event.kind != "job" or event.payload.get("problem"):
                # Print what no bar shows.
                console.say(*lines)
            drawn.see(event)
