"""A connection that begins a request and does not go on is closed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app.errors import StalledError
from app.kit import json_body, patience
from app.kit.json_body import JsonRequest


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the body."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a server that waits for a fifth of a second."""
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.2)
    config = uvicorn.Config(
        echo, host="127.0.0.1", port=0, http=patience.PatientProtocol, lifespan="off", log_level="error"
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
async def test_headers_that_do_not_come_end_the_connection(port: int, begun: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begun)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_the_second_request_of_a_connection_is_waited_for_as_the_first(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
    await asyncio.sleep(0.4)  # the body may take longer
    writer.write(b"ab")
    async with asyncio.timeout(5):
        assert (await reader.readuntil(b"\r\n\r\nab")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\nHost: ")
        assert await reader.read() == b""
    writer.close()


async def test_a_json_body_must_arrive_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_body, "BODY_SECONDS", 0.05)

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    request = JsonRequest({"type": "http", "method": "POST", "headers": []}, never)
    with pytest.raises(StalledError):
        await request.body()
