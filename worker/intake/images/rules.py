"""What the archive of an image set may hold: compression is allowed, explosions are not."""

from __future__ import annotations

from app.formats.archive import ZipRules
from app.formats.limits import KIB, MIB, DatasetLimits

ARRAYS = ("images", "labels", "identities", "split")
SMALL_ARRAY_BYTES = 64 * MIB
_HEADER = 8192


def zip_rules(limits: DatasetLimits, size: int) -> ZipRules:
    """Of a zip of `size` bytes with folders of images."""
    return ZipRules(
        entries=min(limits.entries, max(limits.tiny_entries, size // KIB)),
        instead=" of a zip of its size; save so many small images as one .npz (images, labels)",
        entry_bytes=limits.entry_bytes,
        unpacked_bytes=limits.unpacked_bytes,
        ratio=limits.ratio,
        ratio_from_bytes=limits.ratio_from_bytes,
    )


def npz_rules(limits: DatasetLimits) -> ZipRules:
    """Of an .npz. Drawings on empty ground do compress a thousandfold, so that only the sizes are bounded."""
    return ZipRules(
        entries=len(ARRAYS) + 4,
        entry_bytes=limits.packed_bytes + _HEADER,
        unpacked_bytes=limits.packed_bytes + _HEADER + len(ARRAYS) * SMALL_ARRAY_BYTES,
        ratio=1032,
    )
