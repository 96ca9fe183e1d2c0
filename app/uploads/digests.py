"""SHA-256 states of unfinished uploads, between two pieces that reach the same process.

A state of hashlib can't be stored. It is kept here with the offset it belongs to, as what is safe only ever grows: a
state at the very offset of the row has seen exactly the stored bytes. After a restart, or when pieces reach several
processes, there is none, and the whole stored file is read and hashed once, at its end.
"""

import hashlib
from collections import OrderedDict
from typing import Protocol
from uuid import UUID

LARGEST = 1024


class Sha256(Protocol):
    """A state of `hashlib.sha256`."""

    def update(self, data: memoryview, /) -> None:
        """Take in more bytes."""
        ...

    def copy(self) -> "Sha256":
        """The same state once more."""
        ...

    def hexdigest(self) -> str:
        """The digest so far."""
        ...


_states: OrderedDict[UUID, tuple[int, Sha256]] = OrderedDict()


def take(upload_id: UUID, offset: int) -> Sha256 | None:
    """The state at `offset`, no longer kept; a fresh one at 0, None when it is not known."""
    found = _states.pop(upload_id, None)
    if found is not None and found[0] == offset:
        return found[1]
    return hashlib.sha256() if offset == 0 else None


def keep(upload_id: UUID, offset: int, digest: Sha256) -> None:
    """Remember the state of an upload of which `offset` bytes are safe."""
    _states[upload_id] = (offset, digest)
    while len(_states) > LARGEST:
        _states.popitem(last=False)


def forget(upload_id: UUID) -> None:
    """The upload has ended."""
    _states.pop(upload_id, None)
