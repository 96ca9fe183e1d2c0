"""Download of one file over HTTP.

Follows only permitted redirects and accepts only bodies with the expected first bytes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import httpx

from app.errors import ForbiddenError, NotFoundError, TooLargeError, UnprocessableError
from app.imports.allowlist import allowed, closed, origin, refused
from app.outbound.refusal import NotPermittedError
from app.outbound.transport import PinnedClient
from app.settings import Settings
from worker.imports.beginnings import HEAD_BYTES, Check
from worker.imports.sources import HUB_COMMIT, HUB_ETAG, Source

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
CHUNK_BYTES = 256 * 1024


class PassingError(Exception):
    """The server is busy or the connection broke. A retry may succeed."""


class File:
    """An answer whose body has not been read.

    `length` is the Content-Length. `sha256` is the digest that the hub reports.
    """

    def __init__(self, answer: httpx.Response, sha256: str | None) -> None:
        self._answer, self.sha256 = answer, sha256
        announced = answer.headers.get("content-length", "")
        self.length = int(announced) if announced.isdecimal() and len(announced) < 19 else None

    async def chunks(self, check: Check) -> AsyncIterator[bytes]:
        """Yield the body.

        Calls `check` with the first bytes before it yields any. `check` raises if they are wrong.
        """
        head: bytes | None = b""
        try:
            async for chunk in self._answer.aiter_raw(CHUNK_BYTES):
                if head is None:
                    yield chunk
                    continue
                head += chunk
                if len(head) >= HEAD_BYTES:
                    check(head)
                    yield head
                    head = None
        except httpx.TransportError as error:
            raise PassingError(f"the connection broke off ({type(error).__name__} {error})") from error
        if head is not None:
            check(head)
            yield head


@asynccontextmanager
async def opened(client: PinnedClient, source: Source, settings: Settings) -> AsyncIterator[File]:
    """Request the file. Raises `ProblemError`, or `PassingError` if a retry may succeed."""
    url, headers, sha256 = source.url, source.headers, None
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _send(client, url, headers)
        try:
            commit = answer.headers.get(HUB_COMMIT)
            if source.commit is not None and origin(url) == origin(source.url):
                if commit is not None and commit != source.commit:
                    raise UnprocessableError("import_unpinned", f"The hub answers with commit {commit} instead.")
                sha256 = _digest(answer) or sha256
            if answer.status_code not in REDIRECTS:
                _check_answer(answer, url)
                yield File(answer, sha256)
                return
            onward = _onward(url, answer, source, settings)
            if origin(onward) != origin(source.url):
                headers = {}
            url = onward
        finally:
            await answer.aclose()
    raise UnprocessableError("import_redirect", f"The server redirects more than {MOST_REDIRECTS} times.")


async def _send(client: PinnedClient, url: str, headers: dict[str, str]) -> httpx.Response:
    try:
        return await client.get(url, headers)
    except NotPermittedError as error:
        raise closed(error) from error
    except httpx.TransportError as error:
        raise PassingError(f"{host_of(url)} does not answer ({type(error).__name__} {error})") from error


def _onward(url: str, answer: httpx.Response, source: Source, settings: Settings) -> str:
    """Return the target of a redirect, if it is permitted.

    Permitted are the same origin and, for the hub, other hosts of the allowlist.
    """
    try:
        target: str = urljoin(url, answer.headers.get("location", ""))
        scheme, host, port = origin(target)
        httpx.URL(target)
    except (ValueError, KeyError, httpx.InvalidURL) as error:  # KeyError: neither https nor http
        raise UnprocessableError("import_redirect", f"{host_of(url)} redirects to an invalid address.") from error
    if (scheme, host, port) == origin(url):
        return target
    if not source.onward:
        raise ForbiddenError(
            "import_redirect", f"{host_of(url)} redirects to {host}. Only redirects to the same host are followed. "
            "Use the final address of the file.",
        )  # fmt: skip
    if scheme == "http" and not source.url.startswith("http:"):
        raise ForbiddenError("import_redirect", f"{host_of(url)} redirects to {host} without TLS.")
    if not allowed(scheme, host, port, settings):
        raise refused(scheme, host, port)
    return target


def _check_answer(answer: httpx.Response, url: str) -> None:
    status, host = answer.status_code, host_of(url)
    if status in PASSING:
        raise PassingError(f"{host} answers {status}")
    if status in {401, 403}:
        raise ForbiddenError(
            "import_denied", f"{host} denies access ({status}). Its credential is a setting of this service."
        )
    if status in {404, 410}:
        raise NotFoundError("import_not_found", f"{host} has no such file ({status}). Check the address.")
    if status != 200:
        raise UnprocessableError("import_answer", f"{host} answers {status} instead of a file.")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnprocessableError("import_answer", f"{host} sends the file compressed, which was not requested.")


def host_of(url: str) -> str:
    """Return the host of a URL, the only part that is shown. The rest may carry a signature."""
    return origin(url)[1]


def _digest(answer: httpx.Response) -> str | None:
    found = answer.headers.get(HUB_ETAG, "").strip('"').lower()
    return found if len(found) == 64 and set(found) <= set("0123456789abcdef") else None


def check_size(length: int | None, limit: int) -> None:
    """Raise `TooLargeError` if the server announces more than `limit` bytes."""
    if length is not None and length > limit:
        raise TooLargeError("too_large", f"The file has {length:,} bytes, over the limit of {limit:,}.")
