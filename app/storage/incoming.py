"""An object that comes in piece by piece: appended to at its end, continued after a break, then complete or gone.

Blocking calls: run them in a thread. `State` is what must be remembered to continue in another process.
"""

import os
from pathlib import Path
from typing import Any, Protocol

from app.storage.failures import translated

State = dict[str, Any]


class Incoming(Protocol):
    """The end of an object that is being received."""

    def write(self, data: memoryview) -> None:
        """Append `data`; `StorageFullError` when there is no room."""
        ...

    def kept(self) -> tuple[int, State]:
        """How many bytes would survive this process now, and the state that leads back to them."""
        ...

    def close(self) -> None:
        """Keep what was written for later; `kept` then covers all of it."""
        ...

    def complete(self) -> None:
        """Make it an ordinary object of the store."""
        ...

    def abort(self) -> None:
        """Delete what there is of it; nothing to delete is no error."""
        ...


class IncomingFile:
    """In a local folder: one file, readable by its owner only, cut to `offset` when it is opened."""

    def __init__(self, path: Path, offset: int) -> None:
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor: int | None = os.open(path, flags, 0o600)
        self.offset = min(offset, os.fstat(self._descriptor).st_size)
        os.ftruncate(self._descriptor, self.offset)
        os.lseek(self._descriptor, self.offset, os.SEEK_SET)

    def write(self, data: memoryview) -> None:
        """Append to the file."""
        assert self._descriptor is not None, "written to after it was closed"
        try:
            while data:
                written = os.write(self._descriptor, data)
                self.offset += written
                data = data[written:]
        except OSError as error:
            raise translated(error) from error

    def kept(self) -> tuple[int, State]:
        """Everything written; the file's size says the rest."""
        return self.offset, {}

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def complete(self) -> None:
        """It is an object already."""
        self.close()

    def abort(self) -> None:
        """Delete the file."""
        self.close()
        self._path.unlink(missing_ok=True)
