"""Uploads by tus 1.0.0.

After a broken connection, or in a later run, the upload resumes at the offset that the server
returns.
"""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from exhume.errors import ApiError, UnreachableError, error_of
from exhume.requests import Requests
from exhume.transports import CHUNK_BYTES, FilePart

PIECE_BYTES = 256 * 1024 * 1024
AGAIN = {408, 409, 423, 429, 460, 502, 503, 504}  # ask for the offset and continue
GONE = 410
TUS = {"Tus-Resumable": "1.0.0"}
Sent = Callable[[int], None]


class Resumable(Requests):
    """Resumable uploads."""

    async def send_file(
        self, path: str, file: Path, *, sha256: str | None = None, progress: Sent = lambda _: None
    ) -> None:
        """Send a file to a resource (`/releases/rel_…`, `/datasets/…` or `/verifiers/…`).

        `progress` is called with the number of bytes sent so far. Raises `ApiError` when the
        server rejects the file, and `UnreachableError` when connections keep breaking. A second
        call resumes the upload.
        """
        length, digest = file.stat().st_size, sha256
        if digest is None:
            digest = await self._transport.call(sha256_of, file)
        address = await self._unfinished(path, length, digest) or await self._begin(path, file.name, length, digest)
        offset, failures = await self._locate(address), 0
        while offset < length:
            try:
                reached = await self._append(address, file, offset, progress)
            except (httpx.TransportError, ApiError) as error:
                if isinstance(error, ApiError) and error.status not in AGAIN:
                    raise
                reached = await self._after(address, error, failures, file)
            failures = 0 if reached > offset else failures + 1
            offset = reached
            progress(offset)

    async def delete_upload(self, upload: str) -> None:
        """Delete an unfinished upload or import, and the bytes received so far."""
        await self.send("DELETE", f"/uploads/{upload}", headers=TUS)

    async def _unfinished(self, path: str, length: int, digest: str) -> str | None:
        """Find an unfinished upload of the same file."""
        kind = f"{path.split('/')[1].removesuffix('s')}_id"
        project = (await self.get(path))["project_id"]
        async for found in self.items(f"/projects/{project}/uploads", state="receiving"):
            same = (found[kind], found["length"], found["sha256"]) == (path.rpartition("/")[2], length, digest)
            if same and found["received"] > 0:
                return f"/uploads/{found['id']}"
        return None

    async def _begin(self, path: str, name: str, length: int, digest: str) -> str:
        metadata = {"filename": name, "sha256": digest}
        pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": pairs}
        answer = await self.send("POST", f"{path}/uploads", headers=headers)
        return "/uploads/" + str(answer.headers["Location"]).rpartition("/")[2]

    async def _locate(self, address: str) -> int:
        """Return the offset to resume at, or raise the reason why the upload has ended."""
        try:
            return int((await self.send("HEAD", address, headers=TUS)).headers["Upload-Offset"])
        except ApiError as error:
            found = dict(await self.get(address)) if error.status == GONE else {}
            if found.get("problem"):
                raise error_of(found["problem"]["status"], found["problem"]) from error
            raise

    async def _append(self, address: str, file: Path, offset: int, progress: Sent) -> int:
        part = FilePart(file, offset, min(PIECE_BYTES, file.stat().st_size - offset), progress)
        headers = TUS | {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(part.size),
            "Upload-Offset": str(offset),
        }
        answer = await self._send_part("PATCH", address, part, headers)
        return int(answer.headers["Upload-Offset"])

    async def _after(self, address: str, error: Exception, failures: int, file: Path) -> int:
        """Wait (longer after each attempt without progress) and ask for the offset."""
        if failures >= len(self._retries.uploads):
            raise UnreachableError(
                f"The upload of {file.name} keeps failing ({error}). The server keeps the bytes received so far. "
                "Run the command again to resume."
            ) from error
        await self._transport.sleep(self._retries.uploads[failures])
        return await self._locate(address)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hex. The file is read in chunks."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
