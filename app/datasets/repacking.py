"""A packed data set written again without some of its identities.

The pixels of all other images are copied as they are. Labels are numbered without gaps, as in a
set that never had these identities.
"""

import io
import struct
import sys
import zipfile
from array import array
from collections.abc import Collection, Iterator, Sequence
from typing import IO, Any, cast

from app.datasets.packed import MAGIC, PIECE_BYTES, PackedError, images_member, member

HEADER_MULTIPLE = 64
MADE_AT = (1980, 1, 1, 0, 0, 0)


def labels_of(file: IO[bytes]) -> Sequence[int]:
    """Return the label of every image. Raises: PackedError."""
    with zipfile.ZipFile(file) as archive, member(archive, "labels") as found:
        if found.dtype != "<i8":
            raise PackedError(f"labels are {found.dtype}")
        labels = array("q", found.data.read())
    if sys.byteorder == "big":
        labels.byteswap()
    return labels


def places_of(labels: Sequence[int], erased: Collection[int]) -> list[int]:
    """Return the places of the images that have one of these labels, ascending."""
    return [place for place, label in enumerate(labels) if label in erased]


def without(file: IO[bytes], erased: Collection[int]) -> Iterator[bytes]:
    """Yield a packed set without the images that have one of these labels, in pieces.

    Raises: PackedError.
    """
    labels = labels_of(file)
    gone = set(places_of(labels, erased))
    sink = _Sink()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(cast("IO[bytes]", sink), "w") as packed:
        with images_member(archive) as images:
            count, *sides = images.shape
            if count != len(labels):
                raise PackedError(f"{count} images have {len(labels)} labels")
            with _array(packed, "images", "|u1", (count - len(gone), *sides)) as out:
                for place in range(count):
                    pixels = _read(images.data, _product(sides))
                    if place in gone:
                        continue
                    out.write(pixels)
                    if len(sink.waiting) > PIECE_BYTES:
                        yield sink.take()
        kept = array("q", (_moved(label, erased) for label in labels if label not in erased))
        if sys.byteorder == "big":
            kept.byteswap()
        with _array(packed, "labels", "<i8", (len(kept),)) as out:
            out.write(kept.tobytes())
        with member(archive, "split") as split:
            size = 4 * int(split.dtype.removeprefix("<U"))
            words = [_read(split.data, size) for _ in range(count)]
            with _array(packed, "split", split.dtype, (len(kept),)) as out:
                out.write(b"".join(word for place, word in enumerate(words) if place not in gone))
    yield sink.take()


def _moved(label: int, erased: Collection[int]) -> int:
    return label - sum(1 for one in erased if one < label)


def _read(data: IO[bytes], size: int) -> bytes:
    found = data.read(size)
    if len(found) != size:
        raise PackedError("the set ends within an image")
    return found


def _product(sides: Sequence[int]) -> int:
    size = 1
    for side in sides:
        size *= side
    return size


def _array(packed: zipfile.ZipFile, name: str, dtype: str, shape: tuple[int, ...]) -> IO[bytes]:
    """Begin an array of the file. Its data follows."""
    out = packed.open(zipfile.ZipInfo(f"{name}.npy", MADE_AT), "w", force_zip64=True)
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    length = len(MAGIC) + 4 + len(text) + 1
    text += " " * (-length % HEADER_MULTIPLE) + "\n"
    out.write(MAGIC + b"\x01\x00" + struct.pack("<H", len(text)) + text.encode("latin-1"))
    return out


class _Sink(io.RawIOBase):
    """A file to write that cannot be read or moved in, for `zipfile`."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken
