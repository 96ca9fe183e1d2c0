"""Limits on the size of uploads, in every dimension that an attacker could inflate."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * 1024
GIB = 1024 * MIB
BYTES_PER_SECOND = 10 * MIB
"""Slowest speed at which a sound file is read, a fifth of what one old core manages."""
SECONDS_PER_IMAGE = 0.002


@dataclass(frozen=True)
class CheckpointLimits:
    """Limits on a checkpoint. `parameters` bounds the memory of the network."""

    file_bytes: int = 10 * GIB
    header_bytes: int = 16 * MIB
    tensors: int = 20_000
    rank: int = 8
    name_length: int = 512
    metadata_entries: int = 1_000
    parameters: int = 1_000_000_000
    least_seconds: float = 60.0
    seconds: float = 300.0

    def seconds_for(self, size: int) -> float:
        """Return the processor seconds that opening a file of `size` bytes may take."""
        return min(self.seconds, self.least_seconds + size / BYTES_PER_SECOND)


@dataclass(frozen=True)
class DatasetLimits:
    """Limits on a data set.

    Deflate reaches 1032:1, so `ratio` only applies to entries above `ratio_from_bytes`.
    """

    file_bytes: int = 4 * GIB
    entries: int = 200_000
    tiny_entries: int = 100_000
    """Limit for a ZIP with less than 1 KiB per entry. Even a tiny entry takes time to check."""
    entry_bytes: int = 64 * MIB
    unpacked_bytes: int = 8 * GIB
    ratio: int = 100
    ratio_from_bytes: int = 4 * MIB
    packed_bytes: int = 2 * GIB
    side: int = 1024
    smallest_side: int = 8
    identities: int = 100_000
    name_length: int = 200
    least_seconds: float = 20.0
    seconds: float = 300.0

    def seconds_for(self, size: int, images: int) -> float:
        """Return the processor seconds that decoding `images` images in `size` bytes may take."""
        return min(self.seconds, self.least_seconds + size / BYTES_PER_SECOND + images * SECONDS_PER_IMAGE)


@dataclass(frozen=True)
class VerifierLimits:
    """Limits on an ONNX verifier.

    `seconds` bounds the embedding of each piece of a data set in an audit.
    """

    file_bytes: int = GIB
    parameters: int = 250_000_000
    least_seconds: float = 30.0
    seconds: float = 600.0

    def seconds_for(self, size: int) -> float:
        """Return the processor seconds that the examination of `size` bytes may take."""
        return self.least_seconds + size / BYTES_PER_SECOND


CHECKPOINT = CheckpointLimits()
DATASET = DatasetLimits()
VERIFIER = VerifierLimits()
