"""Zip archives, read by our own fail-closed parser."""

from worker.intake.archive.content import chunks, read_entry
from worker.intake.archive.structure import ZipEntry, ZipRules, read_structure

__all__ = ["ZipEntry", "ZipRules", "chunks", "read_entry", "read_structure"]
