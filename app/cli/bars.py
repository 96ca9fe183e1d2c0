"""Progress bars on standard error. What a bar is called is printed as text, like everything else."""

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from app.cli.terminal import Terminal, err


def of_bytes() -> Progress:
    """Bars for files; they disappear when they are full. A log gets none."""
    columns = (_name(), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def of_work(console: Terminal, *, transient: bool = False) -> Progress:
    """Bars for what a process computes."""
    columns = (_name(10), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), _note())
    return Progress(*columns, console=console, transient=transient, disable=transient and not console.is_terminal)


def _name(width: int = 0) -> TextColumn:
    return TextColumn(f"{{task.description:<{width}}}" if width else "{task.description}", markup=False)


def _note() -> TextColumn:
    """`task.fields["note"]`: what there is to say beside a bar."""
    return TextColumn("{task.fields[note]}", markup=False, style="dim")
