"""Uploads by tus resume after breaks, in the same run and a later one, or fail with advice."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from exhume import ApiError, UnreachableError, resumable
from tests.unit.client.both import BOTH, Call

both = pytest.mark.parametrize("call", BOTH)

DATA = os.urandom(3_500_000)
RELEASE = "/releases/rel_1"


class Server:
    """A small tus server.

    `breaks` lists the bytes of each piece after which the connection ends.
    """

    def __init__(self, breaks: list[int | None] | None = None) -> None:
        self.data, self.breaks, self.begun, self.answers = bytearray(), breaks or [], 0, list[httpx.Response]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if request.method == "GET":
            return self._read(path)
        assert request.headers["tus-resumable"] == "1.0.0"
        if request.method == "POST":
            assert path == f"{RELEASE}/uploads"
            pairs = dict(pair.split(" ") for pair in request.headers["upload-metadata"].split(","))
            assert base64.b64decode(pairs["sha256"]).decode() == hashlib.sha256(DATA).hexdigest()
            self.begun += 1
            return httpx.Response(201, headers={"Location": "/api/v1/uploads/upl_1"})
        if request.method == "PATCH":
            return self._append(request)
        return httpx.Response(200, headers={"Upload-Offset": str(len(self.data))})

    def _read(self, path: str) -> httpx.Response:
        upload = {
            "id": "upl_1",
            "release_id": "rel_1",
            "length": len(DATA),
            "sha256": hashlib.sha256(DATA).hexdigest(),
            "received": len(self.data),
            "problem": {"status": 422, "code": "digest_mismatch", "detail": "differs"},
        }
        answers: dict[str, Any] = {
            RELEASE: {"project_id": "prj_1"},
            "/projects/prj_1/uploads": {"items": [upload] if self.begun else [], "next_cursor": None},
            "/uploads/upl_1": upload,
        }
        return httpx.Response(200, json=answers[path])

    def _append(self, request: httpx.Request) -> httpx.Response:
        if self.answers:
            return self.answers.pop(0)
        assert int(request.headers["upload-offset"]) == len(self.data)
        body = request.read()
        stop = self.breaks.pop(0) if self.breaks else None
        self.data += body[:stop]
        if stop is not None:
            raise httpx.WriteError("the connection broke")
        return httpx.Response(204, headers={"Upload-Offset": str(len(self.data))})


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(resumable, "PIECE_BYTES", 1_500_000)
    (tmp_path / "model.safetensors").write_bytes(DATA)
    return tmp_path / "model.safetensors"


@both
def test_a_file_goes_in_pieces(call: Call, file: Path) -> None:
    server, seen = Server(), list[int]()
    call(server, "send_file", RELEASE, file, progress=seen.append)
    assert (bytes(server.data), server.begun) == (DATA, 1)
    assert seen == sorted(seen)
    assert seen[-1] == len(DATA)


@both
def test_breaks_are_survived_as_long_as_something_arrives(call: Call, file: Path) -> None:
    server = Server(breaks=[100, 0, 1_000_000, 0, 5, 0, 0])
    call(server, "send_file", RELEASE, file)
    assert (bytes(server.data), server.begun) == (DATA, 1)


@both
def test_a_later_run_goes_on(call: Call, file: Path) -> None:
    server = Server(breaks=[700_000, 0, 0, 0])
    with pytest.raises(UnreachableError, match="Run the command again to resume"):
        call(server, "send_file", RELEASE, file)
    assert len(server.data) == 700_000
    call(server, "send_file", RELEASE, file)
    assert (bytes(server.data), server.begun) == (DATA, 1)


@both
def test_a_refusal_is_reported_with_its_reason(call: Call, file: Path) -> None:
    server = Server()
    server.answers = [httpx.Response(422, json={"code": "digest_mismatch", "detail": "differs"})]
    with pytest.raises(ApiError, match="differs"):
        call(server, "send_file", RELEASE, file)


@both
def test_a_lock_is_waited_for(call: Call, file: Path) -> None:
    server = Server()
    server.answers = [httpx.Response(423, json={"code": "upload_locked"})]
    call(server, "send_file", RELEASE, file)
    assert bytes(server.data) == DATA


@both
def test_a_refusal_whose_answer_was_lost_is_looked_up(call: Call, file: Path) -> None:
    server = Server(breaks=[100])

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD" and server.data:
            return httpx.Response(410)
        return server(request)

    with pytest.raises(ApiError) as caught:
        call(handler, "send_file", RELEASE, file)
    assert (caught.value.status, caught.value.code) == (422, "digest_mismatch")
