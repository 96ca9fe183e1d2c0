"""Downloads over real loopback connections: pinned names, limited redirects, checked answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from app.errors import ProblemError
from app.imports.addresses import parse
from app.outbound import transport
from app.outbound.transport import UnresolvedError
from app.settings import Settings
from app.uploads.owners import RELEASE
from tests.unit.imports.servers import SAFETENSORS, Handler, Server, certificate, file, redirect, serving
from worker.imports import download
from worker.imports.beginnings import Check, check_images, check_onnx, check_safetensors
from worker.imports.download import PassingError
from worker.imports.sources import source_of

COMMIT = "491b427b45c94c7fb0e78b5474cc919aff584bbf"
PATH = f"/owner/name/resolve/{COMMIT}/m.safetensors"
HUB = f"hf://owner/name@{COMMIT}/m.safetensors"
LOOPBACK = ip_network("127.0.0.0/8")


class Names:
    """A resolver with the successive answers of each name; the last one repeats."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[transport.Address]:
        self.asked.append(host)
        left = self.answers.get(host, [])
        found = left.pop(0) if len(left) > 1 else (left or [""])[0]
        return [ip_address(one) for one in found.split()]


NAMES = Names(hub_example=["127.0.0.1"], other_example=["127.0.0.1"])


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def settings_of(server: Server, **values: Any) -> Settings:
    """Return settings with the loopback server as hub, over HTTP, and loopback permitted."""
    hosts = [f"hub.example:{server.port}", f"other.example:{server.port}"]
    defaults = {
        "import_hosts": hosts,
        "import_networks": [LOOPBACK],
        "import_hub_url": f"http://hub.example:{server.port}",
        "import_registry_url": f"http://hub.example:{server.port}/mlflow",
    }
    return Settings(**(defaults | values))


async def fetch(
    settings: Settings, address: str = HUB, names: transport.Resolve = NAMES, check: Check = check_safetensors
) -> tuple[bytes, int | None, str | None]:
    """Return the file's bytes, announced length and digest."""
    source = source_of(parse(address, RELEASE.suffixes), settings)
    async with (
        transport.PinnedClient(settings.import_networks, names) as client,
        download.opened(client, source, settings) as found,
    ):
        return b"".join([chunk async for chunk in found.chunks(check)]), found.length, found.sha256


async def refused(settings: Settings, address: str = HUB, names: transport.Resolve = NAMES) -> str:
    """Return the code of the problem."""
    with pytest.raises(ProblemError) as problem:
        await fetch(settings, address, names)
    return problem.value.code


async def test_a_file_with_its_length_and_the_hubs_digest(server: Server) -> None:
    server.answers[PATH] = file(X_Repo_Commit=COMMIT, X_Linked_Etag=f'"{"ab" * 32}"')
    assert await fetch(settings_of(server)) == (SAFETENSORS, len(SAFETENSORS), "ab" * 32)
    ((_, headers),) = server.asked
    assert headers["Host"] == f"hub.example:{server.port}"
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


async def test_loopback_is_closed_unless_it_is_opened(server: Server) -> None:
    server.answers[PATH] = file()
    assert await refused(settings_of(server, import_networks=[])) == "import_network"
    assert server.asked == []


@pytest.mark.parametrize(
    "answer",
    ["169.254.169.254", "fd00:ec2::254", "::ffff:127.0.0.1", "10.0.0.1", "127.0.0.1 10.0.0.1", "9.9.9.9 ::1"],
)
async def test_one_address_that_is_not_permitted_refuses_the_name(server: Server, answer: str) -> None:
    names = Names(hub_example=[answer])
    assert await refused(settings_of(server), names=names) == "import_network"
    assert server.asked == []


async def test_a_name_is_resolved_once_and_what_it_answers_later_changes_nothing(server: Server) -> None:
    names = Names(hub_example=["127.0.0.1", "169.254.169.254"])
    server.answers[PATH] = file()
    assert (await fetch(settings_of(server), names=names))[0] == SAFETENSORS
    assert names.asked == ["hub.example"]


async def test_a_name_is_checked_again_when_a_redirect_needs_a_connection(server: Server) -> None:
    names = Names(hub_example=["127.0.0.1", "169.254.169.254"])
    server.answers |= {PATH: redirect("/elsewhere"), "/elsewhere": file()}
    assert await refused(settings_of(server), names=names) == "import_network"
    assert [path for path, _ in server.asked] == [PATH]


async def test_an_address_that_does_not_answer_is_followed_by_the_next(server: Server) -> None:
    server.answers[PATH] = file()
    names = Names(hub_example=["127.0.0.9 127.0.0.1"])  # the server listens on one of them only
    assert (await fetch(settings_of(server), names=names))[0] == SAFETENSORS


async def test_a_name_without_an_address_may_have_one_later(server: Server) -> None:
    with pytest.raises(UnresolvedError, match=r"hub\.example"):
        await fetch(settings_of(server), names=Names())


async def test_a_redirect_within_the_host_is_followed_with_the_token(server: Server) -> None:
    server.answers |= {PATH: redirect("/moved?x=1"), "/moved": file()}
    settings = settings_of(server, import_hub_token="hf_secret")
    assert (await fetch(settings))[0] == SAFETENSORS
    assert [headers.get("Authorization") for _, headers in server.asked] == ["Bearer hf_secret"] * 2


async def test_the_hub_may_redirect_to_a_listed_host_that_never_sees_the_token(server: Server) -> None:
    away, back = f"http://other.example:{server.port}/cdn", f"http://hub.example:{server.port}/again"
    server.answers |= {PATH: redirect(away, X_Linked_Etag="cd" * 32), "/cdn": redirect(back), "/again": file()}
    _, _, sha256 = await fetch(settings_of(server, import_hub_token="hf_secret"))
    assert sha256 == "cd" * 32
    seen = [headers.get("Authorization") for _, headers in server.asked]
    assert seen == ["Bearer hf_secret", None, None]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://third.example:{port}/cdn", "import_host"),
        ("http://169.254.169.254/latest/meta-data", "import_host"),
        ("http://[::1]:{port}/", "import_host"),
        ("file:///etc/passwd", "import_redirect"),
        ("ftp://other.example/m", "import_redirect"),
        ("http://other.example:99999999/", "import_redirect"),
        ("http://[other/", "import_redirect"),
    ],
)
async def test_other_redirects_of_the_hub_are_rejected(server: Server, target: str, code: str) -> None:
    server.answers[PATH] = redirect(target.format(port=server.port))
    assert await refused(settings_of(server)) == code
    assert len(server.asked) == 1


async def test_a_listed_host_that_resolves_to_a_private_address_is_rejected(server: Server) -> None:
    server.answers[PATH] = redirect(f"http://other.example:{server.port}/cdn")
    names = Names(hub_example=["127.0.0.1"], other_example=["10.0.0.1"])
    assert await refused(settings_of(server), names=names) == "import_network"


async def test_only_the_hub_may_redirect_elsewhere(server: Server) -> None:
    server.answers["/mlflow/get-artifact"] = redirect(f"http://other.example:{server.port}/m.safetensors")
    assert await refused(settings_of(server), f"runs:/{'a' * 32}/m.safetensors") == "import_redirect"
    assert len(server.asked) == 1


async def test_redirects_end(server: Server) -> None:
    server.answers[PATH] = redirect(PATH)
    assert await refused(settings_of(server)) == "import_redirect"
    assert len(server.asked) == 6


async def test_another_commit_than_the_pinned_one_is_rejected(server: Server) -> None:
    server.answers[PATH] = file(X_Repo_Commit="0" * 40)
    assert await refused(settings_of(server)) == "import_unpinned"


async def test_a_model_version_is_read_through_its_server(server: Server) -> None:
    server.answers["/mlflow/model-versions/get-artifact"] = file()
    settings = settings_of(server, import_registry_token="ml_secret", import_hub_token="hf_secret")
    assert (await fetch(settings, "models:/badge reader/7/data/m.safetensors"))[0] == SAFETENSORS
    ((path, headers),) = server.asked
    assert path.endswith("?name=badge+reader&version=7&path=data%2Fm.safetensors")
    assert headers["Authorization"] == "Bearer ml_secret"


async def test_s3_is_signed_with_the_keys_of_imports_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.setenv(f"AWS_{name}", "of-the-store")
    server.answers["/models/a%20b/m.safetensors"] = file()
    s3 = {"import_s3_url": f"http://hub.example:{server.port}", "import_hosts": ["s3://models"]}
    keys = {"import_s3_key_id": "our-key", "import_s3_secret_key": "s3_secret", "import_s3_region": "eu-west-1"}
    for more, signed in (({}, False), (keys, True)):
        settings = settings_of(server, **s3, **more)
        assert (await fetch(settings, "s3://models/a b/m.safetensors"))[0] == SAFETENSORS
        _, headers = server.asked.pop()
        assert not [text for text in headers.values() if "of-the-store" in text]
        assert ("Credential=our-key/" in headers.get("Authorization", "")) is signed


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (file(status=401), "import_denied"),
        (file(status=403), "import_denied"),
        (file(status=404), "import_not_found"),
        (file(status=206), "import_answer"),
        (file(status=418), "import_answer"),
        (file(Content_Encoding="gzip"), "import_answer"),
        (file(b""), "import_file_type"),
        (file(b"<!DOCTYPE html><title>Sign in</title>", Content_Type="application/octet-stream"), "import_file_type"),
        (file(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}."), "import_file_type"),
        (file(b"PK\x03\x04" + bytes(40)), "import_file_type"),
        (file((2**40).to_bytes(8, "little") + b"{}"), "import_file_type"),
        (file(SAFETENSORS[:8]), "import_file_type"),
    ],
)
async def test_what_is_not_a_safetensors_file_is_rejected(server: Server, answer: Any, code: str) -> None:
    server.answers[PATH] = answer
    assert await refused(settings_of(server)) == code


def test_image_sets_begin_as_zips_do() -> None:
    check_images(b"PK\x03\x04" + bytes(40))
    with pytest.raises(ProblemError, match="web page"):
        check_images(b"  <html>")


def test_onnx_models_begin_with_their_version() -> None:
    check_onnx(b"\x08\x07\x12\x07pytorch")
    check_onnx(b"\x08\x0a\x3a\xff\x01graph")
    for head in (b"<html><body>", b"PK\x03\x04" + bytes(9), SAFETENSORS, b"\x80\x04}q\x00.....", b"\x08\x07", b""):
        with pytest.raises(ProblemError, match="not an ONNX model"):
            check_onnx(head)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_server_may_be_asked_again(server: Server, status: int) -> None:
    server.answers[PATH] = file(status=status)
    with pytest.raises(PassingError, match=str(status)):
        await fetch(settings_of(server))


async def test_a_body_shorter_than_announced_is_never_a_file(server: Server) -> None:
    server.answers[PATH] = file(SAFETENSORS, Content_Length=str(len(SAFETENSORS) + 5))
    with pytest.raises(PassingError, match="broke off"):
        await fetch(settings_of(server))


async def test_a_body_longer_than_announced_is_cut(server: Server) -> None:
    server.answers[PATH] = file(SAFETENSORS + bytes(100), Content_Length=str(len(SAFETENSORS)))
    assert await fetch(settings_of(server)) == (SAFETENSORS, len(SAFETENSORS), None)


def test_an_announced_size_over_the_limit_is_rejected_before_the_first_byte() -> None:
    download.check_size(None, 10)
    with pytest.raises(ProblemError, match="limit of 10"):
        download.check_size(11, 10)


async def test_a_server_that_says_nothing_is_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def stall(request: Handler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(SAFETENSORS)
        request.wfile.flush()
        request.rfile.read(1)  # until the client leaves

    monkeypatch.setattr(transport, "IDLE_SECONDS", 0.2)
    server.answers[PATH] = stall
    with pytest.raises(PassingError, match="ReadTimeout"):
        await asyncio.wait_for(fetch(settings_of(server)), 60)


@pytest.fixture
async def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    """Run a server with a certificate for models.example that this process trusts."""
    import ssl

    pem = certificate(tmp_path, "models.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    with serving(context) as running:
        running.answers["/m.safetensors"] = file()
        yield running


@pytest.mark.parametrize(("name", "right"), [("models.example", True), ("other.example", False)])
async def test_tls_is_verified_against_the_name_though_the_address_is_pinned(
    secure: Server, name: str, right: bool
) -> None:
    settings = Settings(import_hosts=[f"{name}:{secure.port}"], import_networks=[LOOPBACK])
    address = f"https://{name}:{secure.port}/m.safetensors"
    names = Names(models_example=["127.0.0.1"], other_example=["127.0.0.1"])
    if right:
        assert (await fetch(settings, address, names))[0] == SAFETENSORS
        return
    with pytest.raises(PassingError, match="CERTIFICATE_VERIFY_FAILED"):
        await fetch(settings, address, names)
    assert secure.asked == []


async def test_neither_tokens_nor_signed_addresses_reach_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    away = f"http://other.example:{server.port}/cdn?signature=s1gned"
    server.answers |= {PATH: redirect(away), "/cdn": file(status=500)}
    caplog.set_level(logging.INFO)
    with pytest.raises(PassingError) as error:
        await fetch(settings_of(server, import_hub_token="hf_secret"))
    messages = caplog.text + str(error.value)
    assert "hf_secret" not in messages
    assert "s1gned" not in messages
