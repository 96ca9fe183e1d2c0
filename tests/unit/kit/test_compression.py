"""Which answers are compressed, and with what."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from app.kit.compression import LEAST_BYTES, CompressionMiddleware, accepts
from app.system import dashboard

LONG = {"items": ["x" * LEAST_BYTES]}


@pytest.mark.parametrize(
    ("header", "coding", "wanted"),
    [
        ("gzip, deflate, br, zstd", "br", True),
        ("gzip", "br", False),
        ("", "gzip", False),
        ("gzip;q=0, *", "gzip", False),
        ("*;q=0.5", "gzip", True),
        ("gzip;q=nonsense", "gzip", False),
        ("identity", "gzip", False),
    ],
)
def test_the_header_decides(header: str, coding: str, wanted: bool) -> None:
    assert accepts(header, coding) is wanted


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """An application with one answer of each kind."""
    app = FastAPI()
    app.add_middleware(CompressionMiddleware)

    async def events() -> AsyncIterator[bytes]:
        yield b"data: " + b"x" * LEAST_BYTES + b"\n\n"

    @app.api_route("/{kind}", methods=["GET", "POST"])
    async def answer(kind: str, request: Request) -> Response:
        if kind == "events":
            return StreamingResponse(events(), media_type="text/event-stream")
        if kind == "picture":
            return Response(b"x" * LEAST_BYTES, media_type="image/png")
        if kind == "streamed":
            return StreamingResponse(events(), media_type="application/json")
        headers = {"Cache-Control": "no-store"} if kind == "secret" else {}
        content = {"items": []} if kind == "short" else LONG
        return JSONResponse(content, status_code=404 if kind == "error" else 200, headers=headers)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as found:
        yield found


async def test_a_long_document_is_compressed(client: httpx.AsyncClient) -> None:
    answer = await client.get("/document")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < LEAST_BYTES / 10
    assert answer.json() == LONG


@pytest.mark.parametrize("kind", ["short", "secret", "error", "events", "picture", "streamed"])
async def test_other_answers_are_left_as_they_are(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/{kind}")
    assert "content-encoding" not in answer.headers
    assert answer.content


async def test_answers_to_other_methods_and_clients_are_left_as_they_are(client: httpx.AsyncClient) -> None:
    for answer in (await client.post("/document"), await client.get("/document", headers={"Accept-Encoding": "br"})):
        assert "content-encoding" not in answer.headers
        assert answer.json() == LONG


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
async def test_files_of_the_dashboard_are_sent_as_the_smallest_copy_that_is_accepted(
    accepted: str, coding: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "main.js").write_text("plain")
    (tmp_path / "assets" / "main.js.gz").write_bytes(gzip.compress(b"plain"))
    (tmp_path / "assets" / "main.js.br").write_bytes(b"brotli")
    monkeypatch.setattr(dashboard, "STATIC", tmp_path)
    app = FastAPI()
    app.include_router(dashboard.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        request = client.build_request("GET", "/assets/main.js", headers={"Accept-Encoding": accepted})
        answer = await client.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert raw == {"br": b"brotli", None: b"plain"}.get(coding, raw)
    assert coding != "gzip" or gzip.decompress(raw) == b"plain"
