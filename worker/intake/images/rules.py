"""Limits on the archive of a data set."""

from __future__ import annotations

from app.formats.archive import ZipRules
from app.formats.limits import KIB, MIB, DatasetLimits

ARRAYS = 8
"""Images and labels of three splits, names, and which image belongs to which split."""
SMALL_ARRAY_BYTES = 64 * MIB
_HEADER = 8192


def zip_rules(limits: DatasetLimits, size: int) -> ZipRules:
    """Return the limits on a ZIP of `size` bytes with folders of images."""
    return ZipRules(
        entries=min(limits.entries, max(limits.tiny_entries, size // KIB)),
        instead=" for a ZIP of its size (save many small images as one .npz with `images` and `labels`)",
        entry_bytes=limits.entry_bytes,
        unpacked_bytes=limits.unpacked_bytes,
        ratio=limits.ratio,
        ratio_from_bytes=limits.ratio_from_bytes,
    )


def npz_rules(limits: DatasetLimits) -> ZipRules:
    """Return the limits on an .npz. Only sizes are limited: drawings compress a thousandfold."""
    return ZipRules(
        entries=ARRAYS,
        entry_bytes=limits.packed_bytes + _HEADER,
        unpacked_bytes=limits.packed_bytes + _HEADER + ARRAYS * SMALL_ARRAY_BYTES,
        ratio=1032,
    )
