"""Requests to checked addresses, without a network."""

from ipaddress import ip_address

import httpx
import pytest

from app.outbound.transport import PinnedClient

ADDRESS = ip_address("9.9.9.9")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://faß.de/x", "xn--fa-hia.de"),
        ("https://hooks.example/x", "hooks.example"),
        ("https://[2620:fe::9]/x", "2620:fe::9"),
    ],
)
async def test_a_name_is_resolved_and_verified_as_it_is_sent(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    sent: list[httpx.Request] = []

    async def resolve(host: str, _: int) -> list[object]:
        asked.append(host)
        return [ADDRESS]

    async def answer(_: object, request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(204)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    async with PinnedClient([], resolve) as client:
        await client.get(url, {})
    assert asked == [name]
    [request] = sent
    assert (request.url.host, request.extensions["sni_hostname"]) == (str(ADDRESS), name)
    assert request.headers["Host"].strip("[]") == name
