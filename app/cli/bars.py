"""Progress bars on standard error. Labels are printed as plain text."""

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from app.cli.terminal import Terminal, err


def of_bytes() -> Progress:
    """Return bars for files. They disappear when they are full and are not drawn in a log."""
    columns = (_name(), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def of_work(console: Terminal, *, transient: bool = False) -> Progress:
    """Return bars for computations."""
    columns = (_name(10), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), _note())
    return Progress(*columns, console=console, transient=transient, disable=transient and not console.is_terminal)


def _name(width: int = 0) -> TextColumn:
    return TextColumn(f"{{task.description:<{width}}}" if width else "{task.description}", markup=False)


def _note() -> TextColumn:
    """Return a column for the note beside a bar, `task.fields["note"]`."""
    return TextColumn("{task.fields[note]}", markup=False, style="dim")
