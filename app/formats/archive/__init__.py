"""Fail-closed parser of ZIP archives."""

from app.formats.archive.content import chunks, read_beginning, read_entry
from app.formats.archive.structure import STORED, ZipEntry, ZipRules, located, read_directory, read_structure

__all__ = [
    "STORED",
    "ZipEntry",
    "ZipRules",
    "chunks",
    "located",
    "read_beginning",
    "read_directory",
    "read_entry",
    "read_structure",
]
