"""What the archive of an image set may hold: compression is allowed, explosions are not."""

from __future__ import annotations

from worker.intake.archive import ZipRules
from worker.intake.limits import MIB, DatasetLimits

ARRAYS = ("images", "labels", "identities", "split")
SMALL_ARRAY_BYTES = 64 * MIB
_HEADER = 8192


def zip_rules(limits: DatasetLimits) -> ZipRules:
    """Of a zip with folders of images."""
    return ZipRules(
        entries=limits.entries,
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
