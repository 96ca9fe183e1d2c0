"""Building blocks of a report. They hold plain text; the page escapes all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "number", "code"]


@dataclass(frozen=True)
class Text:
    """A paragraph. A `lead` states the most important fact, a `note` a limit."""

    text: str
    look: Literal["", "lead", "note"] = ""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: list[str]


@dataclass(frozen=True)
class Pairs:
    """Names and values. Values of the kind `code` are digests and ids."""

    rows: list[tuple[str, str, Kind]]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """Rows under named columns. The first cell of a row is its name.

    The title of its part names a table without a caption.
    """

    caption: str
    columns: list[Column]
    rows: list[list[str]]
    long: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture, and what it shows for somebody who cannot see it."""

    content: bytes
    media_type: Literal["image/png", "image/svg+xml"]
    alt: str
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Small pictures in rows."""

    items: list[Picture]


@dataclass(frozen=True)
class Form:
    """Fields to fill in by hand, for one person who signs."""

    role: str
    fields: list[str]
    choices: list[str]


Block = Text | Bullets | Pairs | Table | Picture | Pictures | Form


@dataclass(frozen=True)
class Part:
    """A part of a section, with a title of its own."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    """A section of the report. An appendix has a letter for a number."""

    number: str
    title: str
    blocks: Sequence[Block] = field(default_factory=list)
    parts: Sequence[Part] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """The name that links point at."""
        return f"section-{self.number.lower()}"
