"""Wait for the server in the terminal: uploads and intake, then an audit's stages, with progress bars."""

import time
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from app.cli.connection import describe
from app.cli.exit_codes import Exit
from app.cli.render import duration
from app.client import Client, follow, resumable

POLL_SECONDS = 0.3


class IntakeRefusedError(Exception):
    """The server refused an upload; `problem` says why and what to do."""

    def __init__(self, what: str, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__(f"{what} was refused ({problem.get('code')}): {problem.get('detail')}")


def upload(client: Client, console: Console, subject: str, file: Path, sha256: str | None = None) -> None:
    """Send a file to what it is for (`/releases/rel_…`) with a progress bar; goes on after a break."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(f"upload {file.name}", total=file.stat().st_size)
        resumable.upload(client, subject, file, sha256=sha256, at=lambda sent: progress.update(bar, completed=sent))


def until_ready(client: Client, what: str, path: str, *, timeout: float = 600) -> dict[str, Any]:
    """Poll a release or dataset until it is ready; raise `IntakeRefusedError` or `TimeoutError`."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        row: dict[str, Any] = client.get(path)
        if row["state"] == "ready":
            return row
        if row["state"] == "refused":
            raise IntakeRefusedError(what, row["problem"] or {})
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{what} was not checked within {timeout:.0f} s: is a worker running? (`exhume doctor`)")


def until_ready_or_exit(client: Client, console: Console, path: str, what: str) -> dict[str, Any]:
    """`until_ready`; a refusal or a timeout is printed and ends the command."""
    try:
        return until_ready(client, what, path)
    except IntakeRefusedError as refusal:
        print_refusal(console, refusal)
        raise typer.Exit(Exit.USAGE) from refusal
    except TimeoutError as late:
        console.print(str(late), highlight=False, markup=False)
        raise typer.Exit(Exit.STILL_RUNNING) from late


def until_fetched(client: Client, console: Console, upload: dict[str, Any]) -> None:
    """Show an import until it has arrived; raise `IntakeRefusedError` when it was refused or ended."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(f"import {upload['filename']}", total=None)
        while upload["state"] == "receiving":
            progress.update(bar, completed=upload["received"], total=upload["length"] or None)
            time.sleep(POLL_SECONDS)
            upload = client.get(f"/uploads/{upload['id']}")
    if upload["state"] != "complete":
        raise IntakeRefusedError(upload["address"], upload["problem"] or {"code": upload["state"], "detail": "ended"})


def until_fetched_or_exit(client: Client, console: Console, upload: dict[str, Any]) -> None:
    """`until_fetched`; a refusal is printed and ends the command."""
    try:
        until_fetched(client, console, upload)
    except IntakeRefusedError as refusal:
        print_refusal(console, refusal)
        raise typer.Exit(Exit.USAGE) from refusal


def print_refusal(console: Console, refusal: IntakeRefusedError) -> None:
    """Why, and the first twenty findings."""
    console.print(str(refusal), highlight=False, markup=False)
    for single in refusal.problem.get("errors", [])[:20]:
        console.print(f"  - {describe(single)}", highlight=False, markup=False)


class StageBars:
    """One bar a stage; the shards of a stage share it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._shards: dict[str, dict[int, float]] = {}

    def see(self, kind: str, payload: dict[str, Any]) -> None:
        """Take in one event."""
        if kind not in {"job", "progress"}:
            return
        stage, shard, shards = payload["stage"], int(payload.get("shard") or 0), int(payload.get("shards") or 1)
        if payload.get("state") in {"waiting", "queued", "cancelled"}:
            return
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(stage, total=100 * shards)
            self._shards[stage] = {}
        parts = self._shards[stage]
        if kind == "progress" and payload.get("total"):
            parts[shard] = 100 * payload["done"] / payload["total"]
        elif payload.get("state") == "succeeded":
            parts[shard] = 100
        note = " again" if int(payload.get("attempt") or 0) > 1 else ""
        self._progress.update(self._bars[stage], completed=sum(parts.values()), description=f"{stage}{note}")
        if sum(parts.values()) >= 100 * shards:
            self._progress.stop_task(self._bars[stage])


class StageLines:
    """A line when a stage begins and one when it ends, where no terminal shows bars: in a pipeline's log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seconds: dict[str, dict[int, float]] = {}  # of the shards that are done

    def see(self, kind: str, payload: dict[str, Any]) -> None:
        """Take in one event."""
        if kind != "job" or payload.get("state") not in {"running", "succeeded", "failed"}:
            return
        stage, shard, shards = payload["stage"], int(payload.get("shard") or 0), int(payload.get("shards") or 1)
        if stage not in self._seconds:
            self._seconds[stage] = {}
            self._console.print(f"{stage} begins", highlight=False)
        if payload["state"] == "failed":
            self._console.print(f"{stage} failed", highlight=False)
        elif payload["state"] == "succeeded":
            done = self._seconds[stage]
            done[shard] = float(payload.get("seconds") or 0)
            if len(done) == shards:
                self._console.print(f"{stage} done, {duration(sum(done.values()))}", highlight=False)


def watch(client: Client, console: Console, audit_id: str) -> dict[str, Any]:
    """Show an audit's stages until it is finished; return the audit."""
    if not console.is_terminal:
        lines = StageLines(console)
        for event in follow(client, audit_id):
            lines.see(event.kind, event.payload)
        return dict(client.get(f"/audits/{audit_id}"))
    columns = (
        TextColumn("  {task.description:<10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = StageBars(progress)
        for event in follow(client, audit_id):
            bars.see(event.kind, event.payload)
    return dict(client.get(f"/audits/{audit_id}"))
