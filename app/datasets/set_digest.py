"""The digest of a data set: pixels, labels, split and names together.

The layout is fixed, because digests are stored, used in plans, and compared between versions. The
digest is SHA-256 over these five lines of ASCII, each terminated by a newline:

    exhume.image-set/1
    images sha256:<hex>
    labels sha256:<hex>
    split sha256:<hex>
    names sha256:<hex>

`images`: the text "|u1" and the shape as Python writes a tuple, such as "|u1(20, 32, 32)", then
the pixels in C order.

`labels`: 8 bytes per image, signed and little-endian; -1 means no label.

`split`: one byte per image, 1 for held-out and 0 for training.

`names`: for each label, in order, the length of its name in UTF-8 as 4 bytes little-endian, then
the name.

Uses the standard library only: the worker computes it from arrays, migrations from files.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LAYOUT = "exhume.image-set/1"


@dataclass(frozen=True)
class SetContents:
    """Contents of a set without its names: pixel digest, labels and split as described above."""

    images_digest: str
    labels: bytes
    split: bytes


def set_digest(contents: SetContents, names: Sequence[str]) -> str:
    """Return the "sha256:..." of the whole set."""
    lines = [
        LAYOUT,
        f"images {contents.images_digest}",
        f"labels {_sha256([contents.labels])}",
        f"split {_sha256([contents.split])}",
        f"names {_sha256(_spelt(name) for name in names)}",
    ]
    return _sha256(f"{line}\n".encode("ascii") for line in lines)


def pixels_digest(shape: Sequence[int], pixels: Iterable[bytes]) -> str:
    """Return the digest of the images alone: their shape and their bytes in C order.

    The pieces can have any size.
    """

    def pieces() -> Iterable[bytes]:
        yield f"|u1{tuple(int(side) for side in shape)}".encode("ascii")
        yield from pixels

    return _sha256(pieces())


def _spelt(name: str) -> bytes:
    data = name.encode("utf-8")
    return len(data).to_bytes(4, "little") + data


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
