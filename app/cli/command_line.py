"""The root of the command line: whatever goes wrong, the exit code is one of `Exit`.

By themselves typer and Python end with 2 for a wrong option and with 1 for a fault: here 2 is a failed audit and 1 a
failed gate.
"""

import os
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from app.cli.settings_errors import of_settings
from app.cli.terminal import err
from app.contract.exit_codes import Exit


class CommandLine(TyperGroup):
    """A group of commands that ends with the documented exit codes."""

    def main(self, *arguments: Any, **options: Any) -> NoReturn:
        """Run the command and exit."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a locale without our characters is no reason to stop
        try:
            code = super().main(*arguments, **options | {"standalone_mode": False})
            sys.stdout.flush()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - printed whole, and never the exit code of a verdict
            code = explained(error)
        if code == Exit.NOT_READ:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at the end fails again
        sys.exit(int(code or 0))


def explained(error: BaseException) -> int:
    """Print what went wrong; the exit code for it."""
    wrong = of_settings(error)
    match error:
        case typer.TyperException():
            _show_usage(error)
            code = Exit.USAGE
        case typer.Abort():
            code = Exit.INTERRUPTED
        case BrokenPipeError() | SystemExit(code=1):  # typer ends like this where nobody reads the output any more
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
            err.say("This is a fault in Exhume, not a verdict. Please report it with the lines above.")
            code = Exit.AUDIT_ERROR
    return code


def _show_usage(error: typer.TyperException) -> None:
    show = getattr(error, "show", None)
    if show is None:
        err.say(f"Error: {error.format_message()}")
    else:
        show()
