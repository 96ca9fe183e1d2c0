"""Files on their way to the server: uploads, imports, reuse, and their checks."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from exhume.documents import Dataset, Release, Upload
from exhume.errors import FileRejectedError, NotFoundError, StillRunningError
from exhume.preflight import Preflight
from exhume.resumable import Resumable, Sent

POLL_SECONDS = 0.3
CHECK_SECONDS = 600.0
Subject = TypeVar("Subject", Release, Dataset)
Fetched = Callable[[Upload], None]


class Files(Resumable, Preflight):
    """Uploads and imports."""

    async def upload(
        self, subject: Subject, file: Path, *, sha256: str | None = None, progress: Sent = lambda _: None
    ) -> Subject:
        """Send the file of a release or data set, and wait until it is checked.

        `progress` is called with the number of bytes sent so far. After a break, the same call
        resumes. Raises `FileRejectedError` when the file does not pass its checks.
        """
        await self.send_file(subject.path, file, sha256=sha256, progress=progress)
        return await self.until_ready(subject)

    async def import_file(
        self, subject: Subject, address: str, *, sha256: str | None = None, progress: Fetched = lambda _: None
    ) -> Subject:
        """Have the server fetch the file of a release or data set, and wait until it is checked.

        `progress` is called with the state of the import. An import that an earlier call began is
        waited for.
        """
        await self.fetch_file(subject.path, address, sha256=sha256, progress=progress)
        return await self.until_ready(subject)

    async def reuse(self, release: Release, sha256: str) -> bool:
        """Use a checkpoint that the project already has. Return False if it does not have it."""
        return await self.reuse_file(release.path, sha256)

    async def until_ready(self, subject: Subject, *, timeout: float = CHECK_SECONDS) -> Subject:
        """Wait until the file of a release or data set is checked, and return its document.

        Raises `FileRejectedError` or `StillRunningError`.
        """
        seen = await self.until_checked(subject.path, subject.label, timeout=timeout)
        return type(subject).model_validate(seen)

    async def reuse_file(self, path: str, sha256: str) -> bool:
        """Do the same as `reuse`, for the path of a release."""
        try:
            await self.post(f"{path}/reuse", {"sha256": sha256})
        except NotFoundError as error:
            if error.code == "no_such_checkpoint":
                return False
            raise
        return True

    async def fetch_file(
        self, path: str, address: str, *, sha256: str | None = None, progress: Fetched = lambda _: None
    ) -> Upload:
        """Have the server fetch a file for a resource, and wait until it has arrived."""
        begun = await self._fetching(path, address)
        if begun is None:
            body = {"address": address, "sha256": sha256}
            begun = Upload.model_validate(await self.post(f"{path}/imports", body))
        while begun.state == "receiving":
            progress(begun)
            await self._transport.sleep(POLL_SECONDS)
            begun = Upload.model_validate(await self.get(f"/uploads/{begun.id}"))
        if begun.state != "complete":
            ended = {"code": begun.state, "detail": f"the import ended as {begun.state}"}
            raise FileRejectedError(address, begun.problem.model_dump() if begun.problem else ended)
        return begun

    async def until_checked(self, path: str, what: str, *, timeout: float = CHECK_SECONDS) -> dict[str, Any]:
        """Wait until the file of a resource is checked, and return the resource.

        `what` names it in errors. Raises `FileRejectedError` or `StillRunningError`.
        """
        end = time.monotonic() + timeout
        while True:
            seen: dict[str, Any] = await self.get(path)
            if seen["state"] == "ready":
                return seen
            if seen["state"] == "refused":
                raise FileRejectedError(what, seen["problem"] or {})
            if time.monotonic() >= end:
                raise StillRunningError(
                    f"{what} has not been checked after {timeout:.0f} s. Is a worker running? `exhume doctor` checks "
                    "it."
                )
            await self._transport.sleep(POLL_SECONDS)

    async def _fetching(self, path: str, address: str) -> Upload | None:
        """Return the import of an earlier call that has not finished."""
        kind = f"{path.split('/')[1].removesuffix('s')}_id"
        project = (await self.get(path))["project_id"]
        async for found in self.items(f"/projects/{project}/uploads", state="receiving"):
            if (found[kind], found["address"]) == (path.rpartition("/")[2], address):
                return Upload.model_validate(found)
        return None
