"""The command line against the API itself, in this process."""

import asyncio

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli.root import app
from exhume import Client
from tests.api.conftest import HOST

LOGGED = "\x1b[1mrequest"


class Bridge(httpx.BaseTransport):
    """Sends the requests of a blocking client, in another thread, to the application."""

    def __init__(self, transport: httpx.ASGITransport) -> None:
        self._transport, self._loop = transport, asyncio.get_running_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._send(request), self._loop).result(60)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport) as client:
            body = request.read()
            answer = await client.request(request.method, request.url, headers=request.headers, content=body)
            headers = answer.headers.copy()
            headers.pop("content-encoding", None)  # the content is decoded already
            return httpx.Response(answer.status_code, headers=headers, content=answer.content)


class CommandLine:
    """Runs commands with a key."""

    def __init__(self, transport: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
        self._bridge, self._patch, self.key = Bridge(transport), monkeypatch, key

    async def run(self, *words: str, key: str | None = None) -> Result:
        client = Client(HOST, key or self.key, transport=self._bridge)
        self._patch.setattr("app.cli.connection.connect", lambda: client)
        return await asyncio.to_thread(CliRunner().invoke, app, list(words))

    async def __call__(self, *words: str, key: str | None = None) -> str:
        """Return the standard output of a command that must succeed, without the API's own log."""
        result = await self.run(*words, key=key)
        assert result.exit_code == 0, result.output
        lines = result.stdout.splitlines(keepends=True)
        return "".join(one for one in lines if not one.startswith(LOGGED))
