"""Limits on the size of uploads, in every dimension that an attacker could inflate."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * 1024
GIB = 1024 * MIB


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
    seconds: float = 300.0


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
    seconds: float = 900.0


@dataclass(frozen=True)
class VerifierLimits:
    """Limits on an ONNX verifier.

    `seconds` bounds its examination, and later the embedding of each data set.
    """

    file_bytes: int = GIB
    parameters: int = 250_000_000
    seconds: float = 600.0


CHECKPOINT = CheckpointLimits()
DATASET = DatasetLimits()
VERIFIER = VerifierLimits()
