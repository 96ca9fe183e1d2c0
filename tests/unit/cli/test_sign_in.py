"""`exhume sign-in` and `exhume doctor` give advice when the server is elsewhere or down."""

from pathlib import Path

import httpx
import pytest

from app.cli.health.finding import Level
from app.cli.health.remote import server
from app.contract.exit_codes import Exit
from tests.unit.cli.processes import Here

REMOTE = {"EXHUME_URL": "https://exhume.example", "EXHUME_API_KEY": "exh_key"}


def test_where_to_get_a_link(tmp_path: Path) -> None:
    exhume = Here()
    nothing = exhume.one(["sign-in"], tmp_path)
    assert nothing.code == Exit.USAGE
    assert "`exhume up` starts one and prints a link" in nothing.said
    assert str(tmp_path / "data") in nothing.said
    remote = exhume.one(["sign-in"], tmp_path, **REMOTE)
    assert remote.code == Exit.USAGE
    assert "Run `exhume sign-in` on the machine of that server" in remote.said
    assert "https://exhume.example" in remote.said
    assert "sign in there with an API key" in remote.said
    away = exhume.one(["sign-in"], tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert away.code == Exit.AUDIT_ERROR
    assert "The database does not answer" in away.said
    other = exhume.one(["sign-in"], tmp_path, DATABASE_URL="mysql://db/exhume")
    assert other.code == Exit.USAGE
    assert "postgresql://" in other.said
    secret = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "EXHUME_SECRET_KEY": "short"}
    bad = exhume.one(["sign-in"], tmp_path, **secret)
    assert bad.code == Exit.USAGE
    assert "EXHUME_SECRET_KEY" in bad.said


def answered(status: int, body: object = None) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(status, json=body or {}))


def unreachable(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


@pytest.mark.parametrize(
    ("transport", "level", "said"),
    [
        (answered(200, {"subject": "key:ci"}), Level.OK, "accepts the key as key:ci"),
        (answered(401), Level.FAIL, "rejects the key"),
        (answered(404), Level.FAIL, "HTTP 404"),
        (httpx.MockTransport(unreachable), Level.FAIL, "no answer from https://exhume.example: connection refused"),
        (httpx.MockTransport(lambda _: httpx.Response(200, text="<html>")), Level.FAIL, "no answer"),
    ],
)
def test_doctor_asks_the_server_that_is_named(transport: httpx.MockTransport, level: Level, said: str) -> None:
    (found,) = server(REMOTE, transport)
    assert (found.level, said in found.found) == (level, True), found
    assert found.level is Level.OK or found.fix


def test_doctor_asks_nobody_where_no_server_is_named() -> None:
    assert server({}) == []
    for name, value in REMOTE.items():
        (found,) = server({name: value})
        assert found.level is Level.FAIL
        assert "set both" in found.fix
