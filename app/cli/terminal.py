"""Output of the command line.

Text is printed exactly as it is: `[red]` stays five characters. Control characters could colour,
hide or move text in a terminal, so they are shown as escapes such as `\\x1b`. Names come from
users of the server and must not be able to forge a line of output.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.contract.exit_codes import Exit

WIDTH_OF_A_LOG = 160
LINE_SEPARATORS = {"Zl", "Zp"}
# C0, DEL and C1; unpaired surrogates, which cannot be encoded.
CONTROLS = {"Cc", "Cs"}
# These reorder the surrounding text.
DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}

CODE = " " * 4
"""The indentation of code in a message."""

Part = str | tuple[str, str]  # text, or text and a style of rich


def printable(value: object) -> str:
    """Return `value` as one line of text with every control character escaped."""
    return "".join(_escaped(character) if _acts(character) else character for character in str(value))


def _acts(character: str) -> bool:
    category = unicodedata.category(character)
    return category in CONTROLS or category in LINE_SEPARATORS or ord(character) in DIRECTION


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def with_code(message: str) -> list[str]:
    """Return the lines of a message that ends with code to copy.

    Lines of code are indented by four spaces, and a line that ends with a colon may announce them.
    Other line breaks stay in their line, where they are shown escaped. A name in a message can
    therefore add what looks like code, and a line that announces it, but no other line.
    """
    first, *rest = message.split("\n")
    lines = [first]
    for line, following in zip(rest, [*rest, ""][1:], strict=True):
        if line.startswith(CODE) or (line.endswith(":") and following.startswith(CODE)):
            lines.append(line)
        else:
            lines[-1] += f"\n{line}"
    return lines


def text(*parts: Part) -> Text:
    """Return one line of parts, each with or without a style."""
    pairs = [(part, "") if isinstance(part, str) else part for part in parts]
    return Text.assemble(*((printable(text), style) for text, style in pairs))


class Terminal(Console):
    """Standard output or standard error, wide enough for tables even in a log."""

    def __init__(self, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        super().__init__(stderr=stderr, width=None if stream.isatty() else WIDTH_OF_A_LOG, highlight=False)

    def say(self, *lines: str) -> None:
        """Print lines of text."""
        for line in lines:
            self.styled(line)

    def styled(self, *parts: Part) -> None:
        """Print one line of parts, each with or without a style."""
        self.print(text(*parts), soft_wrap=True)

    def block(self, lines: str) -> None:
        """Print text that has several lines, such as the end of a log."""
        self.say(*lines.splitlines())

    def json(self, document: Any) -> None:
        """Print a document as ASCII. JSON escapes the control characters in names."""
        self.out(json.dumps(document, indent=2), highlight=False)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        title: str | None = None,
        right: Sequence[str] = (),
        whole: Sequence[str] = ("id",),
    ) -> None:
        """Print a table. None is an empty cell.

        Columns in `right` are aligned right, those in `whole` never wrap.
        """
        drawn = Table(title=title and text(title), title_justify="left", show_edge=False, pad_edge=False)
        for column in columns:
            justify: Literal["left", "right"] = "right" if column in right else "left"
            drawn.add_column(text(column), justify=justify, no_wrap=column in whole, overflow="fold")
        for row in rows:
            drawn.add_row(*("" if cell is None else _cell(cell) for cell in row))
        self.print(drawn)

    def rows(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool = False) -> None:
        """Print columns of documents as a table, or the documents themselves.

        Missing fields are empty cells.
        """
        if as_json:
            self.json(list(rows))
            return
        cells = [[row.get(column) for column in columns] for row in rows]
        if cells:
            self.table([column.replace("_", " ") for column in columns], cells)
        else:
            self.say("Nothing here yet.")

    def on_broken_pipe(self) -> NoReturn:
        """Exit when the reader of the output is gone.

        Rich would exit with 1, which means a failed gate.
        """
        self.quiet = True
        raise SystemExit(Exit.NOT_READ)


def _cell(cell: object) -> Text:
    """Return the text of a cell. A tuple holds its lines."""
    if isinstance(cell, tuple):
        return Text("\n").join(text(line) for line in cell)
    return text(str(cell))


out = Terminal()
err = Terminal(stderr=True)
