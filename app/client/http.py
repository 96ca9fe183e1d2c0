"""A thin client over httpx. It sends the API key, raises problems and retries during restarts."""

import hashlib
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

CHUNK_BYTES = 1024 * 1024
UNAVAILABLE = 503
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
# After the last byte the server may have to read the whole file again.
UPLOAD_TIMEOUT = httpx.Timeout(60, read=600)


class ApiError(Exception):
    """A problem returned by the API (RFC 9457): `status`, `code`, `detail` and `errors`."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.errors: list[dict[str, Any]] = list(problem.get("errors") or [])
        super().__init__(self.detail)


class UnreachableError(Exception):
    """The server did not answer any of the attempts."""


class Client:
    """Client of one server. Tests pass a `transport`."""

    def __init__(self, url: str, api_key: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": "exhume-cli"},
            timeout=httpx.Timeout(30, read=60),
            transport=transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str, **params: Any) -> Any:
        """GET a JSON document below `/api/v1`. Parameters that are `None` are left out."""
        query = {name: value for name, value in params.items() if value is not None}
        return self._send("GET", path, params=query).json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST a JSON document.

        The idempotency key makes it safe to retry after a lost response.
        """
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self._send("POST", path, json=body or {}, headers=headers)
        return answer.json() if answer.content else None

    def delete(self, path: str) -> None:
        """DELETE a resource."""
        self._send("DELETE", path)

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request that is safe to repeat and return the response."""
        return self._send(method, path, **options)

    def stream_up(self, method: str, path: str, chunks: Iterator[bytes], headers: dict[str, str]) -> httpx.Response:
        """Send a body as a stream, once.

        Errors of httpx are not caught when the connection breaks.
        """
        return self._http.request(method, f"/api/v1{path}", content=chunks, headers=headers, timeout=UPLOAD_TIMEOUT)

    def stream(self, path: str, headers: dict[str, str]) -> Any:
        """Open a response to read line by line. Returns a context manager of httpx."""
        return self._http.stream("GET", f"/api/v1{path}", headers=headers, timeout=httpx.Timeout(30, read=60))

    def download(self, path: str, **params: Any) -> bytes:
        """GET bytes, such as an image."""
        return self._send("GET", path, params=params).content

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        last: Exception | None = None
        for pause in (*RETRY_SECONDS, None):
            try:
                return checked(self._http.request(method, f"/api/v1{path}", **options))
            except (httpx.TransportError, ApiError) as error:
                if not passes(error):
                    raise
                last = error
                if pause is None:
                    break
                time.sleep(pause)
        raise UnreachableError(
            f"{self.url} does not answer: {last}. Is the server running? On its machine, `exhume doctor` checks it "
            "and `exhume up` starts it."
        ) from last


def passes(error: Exception) -> bool:
    """Tell whether a retry may help, as while the server restarts or waits for its database."""
    return isinstance(error, httpx.TransportError) or (isinstance(error, ApiError) and error.status == UNAVAILABLE)


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hex. The file is read in chunks."""
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def checked(answer: httpx.Response) -> httpx.Response:
    """Return the response if it is a success, and raise `ApiError` otherwise."""
    if answer.is_success:
        return answer
    answer.read()
    try:
        problem = answer.json()
    except ValueError:
        problem = {"detail": answer.text[:500] or f"HTTP {answer.status_code}"}
    raise ApiError(answer.status_code, problem if isinstance(problem, dict) else {"detail": str(problem)})
