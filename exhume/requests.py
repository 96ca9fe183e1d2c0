"""Requests to the API: sent with the key, repeated where that is safe, answered or raised."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx

from exhume.errors import ApiError, UnreachableError, error_of
from exhume.retries import Retries, may_pass, retry_after
from exhume.transports import FilePart, Lines, Transport

ROOT = "/api/v1"
# After the last byte the server may have to read the whole file again.
UPLOAD_TIMEOUT = httpx.Timeout(60, read=600)


class Requests:
    """Requests to any endpoint, by path below `/api/v1`.

    Every endpoint of the reference can be called in this way. The methods with names are easier
    to use and typed.
    """

    def __init__(self, url: str, transport: Transport, retries: Retries) -> None:
        self.url = url.rstrip("/")
        self._transport = transport
        self._retries = retries

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def get(self, /, path: str, **params: Any) -> Any:
        """GET a JSON document. Parameters that are None are left out."""
        query = {name: value for name, value in params.items() if value is not None}
        return (await self.send("GET", path, params=query)).json()

    async def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> Any:
        """POST a JSON document and return the response.

        The idempotency key makes it safe to repeat the request after a lost response. Give a
        `key` to make it safe to repeat by another process, too.
        """
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        answer = await self.send("POST", path, json=body or {}, headers=headers)
        return answer.json() if answer.content else None

    async def put(self, path: str, body: dict[str, Any]) -> Any:
        """PUT a JSON document and return the response."""
        answer = await self.send("PUT", path, json=body)
        return answer.json() if answer.content else None

    async def patch(self, path: str, body: dict[str, Any]) -> Any:
        """PATCH a resource and return it."""
        return (await self.send("PATCH", path, json=body)).json()

    async def delete(self, /, path: str, **params: Any) -> Any:
        """DELETE a resource and return the response, such as a receipt."""
        query = {name: value for name, value in params.items() if value is not None}
        answer = await self.send("DELETE", path, params=query)
        return answer.json() if answer.content else None

    async def items(self, /, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Yield every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, cursor=cursor, **params)
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    async def download(self, /, path: str, **params: Any) -> bytes:
        """GET bytes, such as a report."""
        return (await self.send("GET", path, params=params)).content

    async def send(self, /, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request that is safe to repeat, and return the response.

        Options are those of httpx. Raises `ApiError` or `UnreachableError`.
        """
        attempt = 0
        while True:
            try:
                return checked(await self._transport.send(method, ROOT + path, **options))
            except (httpx.TransportError, ApiError) as error:
                pause = self._retries.wait(attempt, error)
                if pause is None:
                    raise self._final(error) from error
            await self._transport.sleep(pause)
            attempt += 1

    async def _send_part(self, method: str, path: str, part: FilePart, headers: dict[str, str]) -> httpx.Response:
        """Send a part of a file, once. Errors of httpx are not caught."""
        return checked(await self._transport.send(method, ROOT + path, part, headers=headers, timeout=UPLOAD_TIMEOUT))

    def _stream(self, path: str, headers: dict[str, str], *, quiet: float) -> Any:
        """Open a response to read line by line. It breaks after `quiet` seconds without a byte."""
        timeout = httpx.Timeout(30, read=quiet)
        return self._transport.stream(ROOT + path, headers=headers, timeout=timeout)

    def _final(self, error: Exception) -> Exception:
        if isinstance(error, ApiError) and (error.status == RATE_LIMITED or not may_pass(error)):
            return error
        return UnreachableError(
            f"{self.url} does not answer: {error}. Is the server running? On its machine, `exhume doctor` checks it "
            "and `exhume up` starts it."
        )


RATE_LIMITED = 429


async def opened(lines: Lines) -> Lines:
    """Return a response to read line by line, or raise the problem that it is."""
    if not lines.response.is_success:
        checked(await lines.read())
    return lines


def checked(answer: httpx.Response) -> httpx.Response:
    """Return the response if it is a success, and raise `ApiError` otherwise."""
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {"detail": answer.text[:500] or f"HTTP {answer.status_code}"}
    if not isinstance(problem, dict):
        problem = {"detail": str(problem)}
    raise error_of(answer.status_code, problem, retry_after(answer.headers.get("Retry-After")))
