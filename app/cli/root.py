"""The typer application. Each command group has its own file, named by the table of commands."""

from typing import Annotated

import typer

from app import __version__
from app.cli.command_line import CommandLine

app = typer.Typer(
    name="exhume",
    cls=CommandLine,
    help="Find out how much training data can be recovered from a model before you release it.\n\n"
    "Exit codes: 0 pass, 1 fail, 2 audit error or no answer from the server, 3 inconclusive, 4 usage or permission, "
    "5 still running.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(asked: bool) -> None:
    if asked:
        from app.cli.terminal import out  # rich need not be imported for `--help`

        out.say(f"exhume {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Make the application a group. Its commands are in `app.cli.table`."""
