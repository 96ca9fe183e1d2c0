"""Lists beside the images of one folder that say whose each image is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from app.formats.archive import ZipEntry
from app.formats.limits import MIB
from app.formats.refusal import Refused, findings, shown
from worker.intake.notes import counted

LARGEST, MOST_ROWS = 32 * MIB, 1_000_000
_USUAL = re.compile(r"(?:labels?|identit(?:y|ies)\w*|metadata|annotations?|train)\.(?:csv|tsv|txt)", re.IGNORECASE)
_FILE = ("file", "file_name", "filename", "image", "image_id", "image_name", "img", "path")
_LABEL = (
    "label",
    "labels",
    "identity",
    "identity_id",
    "class",
    "class_name",
    "person",
    "person_id",
    "subject",
    "target",
)


class Listed(NamedTuple):
    """Identity of each image by its name without folders, and the name of the list."""

    identities: dict[str, str]
    file: str


def read_list(side: Sequence[ZipEntry], images: Sequence[ZipEntry], read: Callable[[ZipEntry], bytes]) -> Listed | None:
    """Return the identities of images in one folder, or None if there is no list of a usual name.

    Raises: Refused (label-list) if the list does not name each image once, or is too long.
    """
    usual = [entry for entry in side if _USUAL.fullmatch(entry.name.rpartition("/")[2]) and entry.size <= LARGEST]
    if len(usual) != 1:
        return None
    names = {entry.name.rpartition("/")[2] for entry in images}
    file = usual[0].name
    pairs = _pairs(read(usual[0]), names, file)
    if pairs is None:
        return None
    identities: dict[str, str] = {}
    for image, label in pairs:
        if identities.setdefault(image, label) != label:
            raise _refused(file, [image], "has two identities in the list")
    if missing := sorted(names - identities.keys()):
        raise _refused(file, missing, "is not in the list")
    return Listed({name: identities[name] for name in names}, file)


def _pairs(data: bytes, names: set[str], file: str) -> list[tuple[str, str]] | None:
    """Return (image, label) of each row, or None if the text is not such a list."""
    try:
        lines = _rows(data.decode("utf-8-sig"))
        rows = [row for row in islice(lines, MOST_ROWS) if row]
        longer = next(lines, None) is not None
    except (UnicodeDecodeError, csv.Error):
        return None
    if not rows:
        return None
    columns = _columns([cell.strip().lower() for cell in rows[0]])
    if columns is None:
        if len(rows[0]) != 2 or _base(rows[0][0]) not in names:
            return None
        columns = (0, 1)
    else:
        rows = rows[1:]
    if longer:
        raise Refused(
            "label-list", f"{shown(file)!r} has more than {MOST_ROWS:,} rows. Remove the rows of other images."
        )
    image, label = columns
    whole = [row for row in rows if len(row) > max(columns) and row[label].strip()]
    return [(_base(row[image]), row[label].strip()) for row in whole]


def _rows(text: str) -> Iterator[list[str]]:
    """Return cells between commas, semicolons or tabs, or else white space."""
    lines = io.StringIO(text, newline="")
    first = text.partition("\n")[0]
    for mark in ("\t", ",", ";"):
        if mark in first:
            return csv.reader(lines, delimiter=mark, strict=True)
    return (line.split() for line in io.StringIO(text, newline=None))


def _columns(head: list[str]) -> tuple[int, int] | None:
    image = next((head.index(name) for name in _FILE if name in head), None)
    label = next((head.index(name) for name in _LABEL if name in head), None)
    return None if image is None or label is None else (image, label)


def _base(path: str) -> str:
    return path.strip().replace("\\", "/").rpartition("/")[2]


def _refused(file: str, names: list[str], what: str) -> Refused:
    return Refused(
        "label-list",
        f"{counted(len(names), 'image')}, such as {shown(names[0])!r}: {what} {shown(file)!r}. Name each image once in"
        " it, or remove the list and use one folder for each identity.",
        findings(names, what),
    )
