"""Commands that are imported when they are first used."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer

from app.cli.table import Entry


class LazyCommands(MutableMapping[str, Any]):
    """The commands of a table by name. Each is built when it is first read."""

    def __init__(self, table: Mapping[str, Entry]) -> None:
        self._table = table
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = built(name, self._table[name])
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._table, *self._built]))

    def __len__(self) -> int:
        return len(self._table.keys() | self._built.keys())


def built(name: str, entry: Entry) -> Any:
    """Import an entry of the table and return its command."""
    root = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    root.callback()(lambda: None)  # otherwise a single command would be the root itself
    found = imported(entry.at)
    if isinstance(found, typer.Typer):
        root.add_typer(found, name=name, help=entry.help, no_args_is_help=True)
    else:
        root.command(name, **entry.settings)(found)
    command = typer.main.get_command(root).commands[name]  # type: ignore[attr-defined]
    for one, at in entry.more.items():
        command.commands[one] = built(one, Entry(at, ""))
    return command


def imported(at: str) -> Any:
    """Return what `package.module:name` names."""
    module, _, name = at.partition(":")
    return getattr(import_module(module), name)
