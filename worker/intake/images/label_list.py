"""Lists beside the images of one folder that say whose each image is."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.formats.archive import ZipEntry
from app.formats.limits import MIB
from app.formats.refusal import Refused, findings, shown
from worker.intake.notes import counted

LARGEST = 32 * MIB
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

    Raises: Refused (label-list) if the list does not name each image once.
    """
    usual = [entry for entry in side if _USUAL.fullmatch(entry.name.rpartition("/")[2]) and entry.size <= LARGEST]
    if len(usual) != 1:
        return None
    names = {entry.name.rpartition("/")[2] for entry in images}
    pairs = _pairs(read(usual[0]), names)
    if pairs is None:
        return None
    file = usual[0].name
    identities: dict[str, str] = {}
    for image, label in pairs:
        if identities.setdefault(image, label) != label:
            raise _refused(file, [image], "has two identities in the list")
    if missing := sorted(names - identities.keys()):
        raise _refused(file, missing, "is not in the list")
    return Listed({name: identities[name] for name in names}, file)


def _pairs(data: bytes, names: set[str]) -> list[tuple[str, str]] | None:
    """Return (image, label) of each row, or None if the text is not such a list."""
    try:
        text = data.decode("utf-8-sig")
        rows = [row for row in _rows(text) if row]
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
    image, label = columns
    whole = [row for row in rows if len(row) > max(columns) and row[label].strip()]
    return [(_base(row[image]), row[label].strip()) for row in whole]


def _rows(text: str) -> list[list[str]]:
    """Return cells between commas, semicolons or tabs, or else white space."""
    first = text.partition("\n")[0]
    for mark in ("\t", ",", ";"):
        if mark in first:
            return list(csv.reader(text.splitlines(), delimiter=mark, strict=True))
    return [line.split() for line in text.splitlines()]


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
