"""An object received in pieces: appended to, resumed after a break, then completed or deleted.

Calls block, so run them in a thread. `State` holds what another process needs to resume.
"""

import os
from pathlib import Path
from typing import Any, Protocol

from app.storage import room
from app.storage.failures import translated

State = dict[str, Any]


class Incoming(Protocol):
    """The writing end of an object that is being received."""

    def write(self, data: memoryview) -> None:
        """Append `data`. Raises `StorageFullError` when there is no room."""
        ...

    def kept(self) -> tuple[int, State]:
        """Return how many bytes would survive this process, and the state to resume there."""
        ...

    def close(self) -> None:
        """Keep the bytes written so far for later. Afterwards `kept` covers all of them."""
        ...

    def complete(self) -> None:
        """Turn it into an ordinary object of the store."""
        ...

    def abort(self) -> None:
        """Delete the bytes received so far, if any."""
        ...


class IncomingFile:
    """An object in a local folder: one private file, truncated to `offset` when it is opened."""

    def __init__(self, path: Path, offset: int) -> None:
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor: int | None = os.open(path, flags, 0o600)
        self._unchecked = 0
        self.offset = min(offset, os.fstat(self._descriptor).st_size)
        os.ftruncate(self._descriptor, self.offset)
        os.lseek(self._descriptor, self.offset, os.SEEK_SET)

    def write(self, data: memoryview) -> None:
        """Append to the file, unless that would use up the spare room of the disk."""
        assert self._descriptor is not None, "written after it was closed"
        self._unchecked += len(data)
        if self._unchecked >= room.CHECKED_EVERY:
            room.check_room(room.free_bytes(self._path.parent), len(data))
            self._unchecked = 0
        try:
            while data:
                written = os.write(self._descriptor, data)
                self.offset += written
                data = data[written:]
        except OSError as error:
            raise translated(error) from error

    def kept(self) -> tuple[int, State]:
        """Return the bytes written so far. No state is needed."""
        return self.offset, {}

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def complete(self) -> None:
        """Close the file, which is an object already."""
        self.close()

    def abort(self) -> None:
        """Delete the file."""
        self.close()
        self._path.unlink(missing_ok=True)
