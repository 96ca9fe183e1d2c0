"""SHA-256 states of unfinished uploads, kept between two pieces that reach the same process.

A hashlib state cannot be stored in the database, so it is kept here with its offset. Stored bytes
are only ever appended, so a state at the offset of the row has seen exactly the stored bytes.
After a restart, or when pieces reach several processes, there is no state, and the stored file is
read and hashed once at the end.
"""

import hashlib
from collections import OrderedDict
from typing import Protocol
from uuid import UUID

LARGEST = 1024


class Sha256(Protocol):
    """A state of `hashlib.sha256`."""

    def update(self, data: memoryview, /) -> None:
        """Add bytes."""
        ...

    def copy(self) -> "Sha256":
        """Return a copy of the state."""
        ...

    def hexdigest(self) -> str:
        """Return the digest of the bytes so far."""
        ...


_states: OrderedDict[UUID, tuple[int, Sha256]] = OrderedDict()


def take(upload_id: UUID, offset: int) -> Sha256 | None:
    """Remove and return the state at `offset`: a new one at 0, None if it is not known."""
    found = _states.pop(upload_id, None)
    if found is not None and found[0] == offset:
        return found[1]
    return hashlib.sha256() if offset == 0 else None


def keep(upload_id: UUID, offset: int, digest: Sha256) -> None:
    """Keep the state of an upload of which `offset` bytes are stored."""
    _states[upload_id] = (offset, digest)
    while len(_states) > LARGEST:
        _states.popitem(last=False)


def forget(upload_id: UUID) -> None:
    """Drop the state of an upload that has ended."""
    _states.pop(upload_id, None)
