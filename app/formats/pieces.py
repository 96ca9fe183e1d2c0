"""A file of which only some pieces are available."""

from __future__ import annotations

import io
from collections.abc import Iterable

LEAST = 64 * 1024


class NotSentError(Exception):
    """The read needs `length` bytes at `offset`: more than it asked for, to save a round trip."""

    def __init__(self, offset: int, length: int) -> None:
        super().__init__(f"bytes {offset} to {offset + length} are needed")
        self.offset, self.length = offset, length


class Pieces(io.RawIOBase):
    """A readable file of `size` bytes, given as (offset, bytes) pieces.

    Reading a missing byte raises NotSentError. Pieces that overlap or lie outside the file raise
    ValueError.
    """

    def __init__(self, size: int, pieces: Iterable[tuple[int, bytes]]) -> None:
        self._size, self._at = size, 0
        self._runs: list[tuple[int, bytearray]] = []
        for offset, data in sorted(pieces, key=lambda piece: piece[0]):
            end = self._runs[-1][0] + len(self._runs[-1][1]) if self._runs else 0
            if offset < end or offset + len(data) > size:
                raise ValueError(f"the piece at {offset} overlaps another or lies outside the {size} bytes of the file")
            if self._runs and offset == end:
                self._runs[-1][1].extend(data)
            else:
                self._runs.append((offset, bytearray(data)))

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position, as for any file, and return it."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, fewer at the end of the file. Raises: NotSentError."""
        begin, end = self._at, self._size if size < 0 else min(self._size, self._at + size)
        if begin >= end:
            return b""
        for offset, data in self._runs:
            if offset <= begin < offset + len(data):
                if end <= offset + len(data):
                    self._at = end
                    return bytes(data[begin - offset : end - offset])
                begin = offset + len(data)
                break
        following = min((offset for offset, _ in self._runs if offset >= begin), default=self._size)
        wanted = min(max(end, begin + LEAST), following)
        raise NotSentError(begin, wanted - begin)
