"""The root of the command line, which maps every error to an exit code in `Exit`.

By default, typer exits with 2 for a wrong option and Python with 1 for a fault. Here 2 means a
failed audit and 1 a failed gate.
"""

import io
import os
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from app.cli.lazy import LazyCommands
from app.cli.table import TABLE
from app.contract.exit_codes import Exit


class CommandLine(TyperGroup):
    """The commands of the table. Exits with the documented codes."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands(TABLE)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Print the commands without importing them."""
        limit = formatter.width - 6 - max(len(name) for name in TABLE)
        rows = [(name, TyperCommand(name, help=one.help).get_short_help_str(limit)) for name, one in TABLE.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *arguments: Any, **options: Any) -> NoReturn:
        """Run the command and exit."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # a locale without our characters must not stop us
                stream.reconfigure(errors="backslashreplace")
        try:
            code = super().main(*arguments, **options | {"standalone_mode": False})
            sys.stdout.flush()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - printed in full; its exit code must not be that of a verdict
            code = explained(error)
        if code == Exit.NOT_READ:
            # otherwise the flush at the end fails again
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(code or 0))


def explained(error: BaseException) -> int:
    """Print an error and return its exit code."""
    from app.cli.settings_errors import of_settings
    from app.cli.terminal import err

    wrong = of_settings(error)
    match error:
        case typer.TyperException():
            _show_usage(error)
            code = Exit.USAGE
        case typer.Abort():  # Ctrl-C, or no to a question
            err.say("Aborted.")
            code = Exit.INTERRUPTED
        # typer exits like this when nobody reads the output
        case BrokenPipeError() | SystemExit(code=1):
            code = Exit.NOT_READ
        case SystemExit():
            return int(error.code or 0)
        case _ if wrong is not None:
            err.say(*(f"{name}: {what} (see docs/settings.md)" for name, what in wrong))
            code = Exit.USAGE
        case OSError(filename=str(name)):
            err.say(f"{name}: {error.strerror}")
            code = Exit.USAGE
        case _:
            err.block("".join(traceback.format_exception(error)))
            err.say("This is a bug in Exhume, not a verdict. Please report it with the lines above.")
            code = Exit.AUDIT_ERROR
    return code


def _show_usage(error: typer.TyperException) -> None:
    from app.cli.terminal import err

    show = getattr(error, "show", None)
    if show is None:
        err.say(f"Error: {error.format_message()}")
        return
    shown = io.StringIO()
    show(file=shown)
    err.block(shown.getvalue().replace(": Value error, ", ": "))
