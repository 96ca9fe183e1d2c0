"""A file of which only some pieces are at hand: reading others says which."""

from __future__ import annotations

import io
from collections.abc import Iterable

LEAST = 64 * 1024


class NotSentError(Exception):
    """`offset` and `length` of what is needed to go on; more than was asked for, to save a round."""

    def __init__(self, offset: int, length: int) -> None:
        super().__init__(f"bytes {offset} to {offset + length} are needed")
        self.offset, self.length = offset, length


class Pieces(io.RawIOBase):
    """Reads like a file of `size` bytes. Raises NotSentError where nothing is known; ValueError for pieces that lie
    outside the file or over each other."""

    def __init__(self, size: int, pieces: Iterable[tuple[int, bytes]]) -> None:
        self._size, self._at = size, 0
        self._runs: list[tuple[int, bytearray]] = []
        for offset, data in sorted(pieces, key=lambda piece: piece[0]):
            end = self._runs[-1][0] + len(self._runs[-1][1]) if self._runs else 0
            if offset < end or offset + len(data) > size:
                raise ValueError(f"the piece at {offset} lies over another, or outside the {size} bytes of the file")
            if self._runs and offset == end:
                self._runs[-1][1].extend(data)
            else:
                self._runs.append((offset, bytearray(data)))

    def seekable(self) -> bool:
        """Always."""
        return True

    def readable(self) -> bool:
        """As far as pieces go."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As for any file."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer at the end of the file. Raises: NotSentError."""
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
