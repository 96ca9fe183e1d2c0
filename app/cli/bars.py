"""Progress bars on standard error. Labels are printed as plain text."""

from rich.progress import BarColumn, DownloadColumn, Progress, Task, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.text import Text

from app.cli.terminal import Terminal, err, text


class _Label(TextColumn):
    """Text of a bar, printed as it is: no markup, and control characters escaped."""

    def render(self, task: Task) -> Text:
        """Return the text of this bar."""
        return text((self.text_format.format(task=task), str(self.style)))


def of_bytes() -> Progress:
    """Return bars for files. They disappear when they are full and are not drawn in a log."""
    columns = (_name(), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def of_work(console: Terminal, *, transient: bool = False) -> Progress:
    """Return bars for computations."""
    columns = (_name(10), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(), _note())
    return Progress(*columns, console=console, transient=transient, disable=transient and not console.is_terminal)


def _name(width: int = 0) -> TextColumn:
    return _Label(f"{{task.description:<{width}}}" if width else "{task.description}")


def _note() -> TextColumn:
    """Return a column for the note beside a bar, `task.fields["note"]`."""
    return _Label("{task.fields[note]}", style="dim")
