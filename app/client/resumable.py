"""Upload a file with tus 1.0.0.

After a broken connection, or in a later run, the upload resumes at the offset that the server
returns.
"""

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from app.client.http import ApiError, Client, UnreachableError, checked, sha256_of

CHUNK_BYTES = 1024 * 1024
PIECE_BYTES = 256 * 1024 * 1024
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
AGAIN = {408, 409, 423, 460, 502, 503, 504}  # ask for the offset and continue
TUS = {"Tus-Resumable": "1.0.0"}
At = Callable[[int], None]


def upload(client: Client, subject: str, file: Path, *, sha256: str | None = None, at: At = lambda _: None) -> None:
    """Send `file` to a release, dataset or verifier (`/releases/rel_…`).

    `at` is called with the number of bytes sent so far. Raises `ApiError` when the server rejects
    the file and `UnreachableError` when connections keep breaking. A second call resumes the
    upload.
    """
    length, digest = file.stat().st_size, sha256 or sha256_of(file)
    address = _unfinished(client, subject, length, digest) or _begin(client, subject, file.name, length, digest)
    offset, failures = _locate(client, address), 0
    while offset < length:
        try:
            reached = _send(client, address, file, offset, at)
        except (httpx.TransportError, ApiError) as error:
            if isinstance(error, ApiError) and error.status not in AGAIN:
                raise
            reached = _after(client, address, error, failures, file)
        failures = 0 if reached > offset else failures + 1
        offset = reached
        at(offset)


def _unfinished(client: Client, subject: str, length: int, digest: str) -> str | None:
    """Find an unfinished upload of the same file."""
    kind = f"{subject.split('/')[1].removesuffix('s')}_id"
    project = client.get(subject)["project_id"]
    for found in client.items(f"/projects/{project}/uploads", state="receiving"):
        same = (found[kind], found["length"], found["sha256"]) == (subject.rpartition("/")[2], length, digest)
        if same and found["received"] > 0:
            return f"/uploads/{found['id']}"
    return None


def _begin(client: Client, subject: str, name: str, length: int, digest: str) -> str:
    metadata = {"filename": name, "sha256": digest}
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": pairs}
    answer = client.send("POST", f"{subject}/uploads", headers=headers)
    return "/uploads/" + answer.headers["Location"].rpartition("/")[2]


def _locate(client: Client, address: str) -> int:
    """Return the offset to resume at, or raise the reason why the upload has ended."""
    try:
        return int(client.send("HEAD", address, headers=TUS).headers["Upload-Offset"])
    except ApiError as error:
        found = dict(client.get(address)) if error.status == 410 else {}
        if found.get("problem"):
            raise ApiError(found["problem"]["status"], found["problem"]) from error
        raise


def _send(client: Client, address: str, file: Path, offset: int, at: At) -> int:
    size = min(PIECE_BYTES, file.stat().st_size - offset)

    def chunks() -> Iterator[bytes]:
        left = size
        with file.open("rb") as source:
            source.seek(offset)
            while left and (chunk := source.read(min(CHUNK_BYTES, left))):
                yield chunk
                left -= len(chunk)
                at(offset + size - left)

    headers = TUS | {
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(size),
        "Upload-Offset": str(offset),
    }
    answer = checked(client.stream_up("PATCH", address, chunks(), headers))
    return int(answer.headers["Upload-Offset"])


def _after(client: Client, address: str, error: Exception, failures: int, file: Path) -> int:
    """Wait (longer after each attempt without progress) and ask for the offset."""
    if failures >= len(PAUSES):
        raise UnreachableError(
            f"The upload of {file.name} keeps failing ({error}). The server keeps the bytes received so far. "
            "Run the command again to resume."
        ) from error
    time.sleep(PAUSES[failures])
    return _locate(client, address)
