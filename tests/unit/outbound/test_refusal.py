"""Hosts that are rejected without asking a resolver."""

from ipaddress import ip_network

import pytest

from app.outbound.ip_ranges import METADATA
from app.outbound.refusal import NotAHostError, NotPermittedError, check_host

LOOPBACK = ip_network("127.0.0.0/8")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "::1", "fe80::1%eth0", "[::ffff:10.0.0.1]", "localhost",
     "LocalHost.", "hooks.localhost", *sorted(map(str, METADATA))],
)  # fmt: skip
def test_what_is_never_connected_to_is_rejected(host: str) -> None:
    with pytest.raises(NotPermittedError):
        check_host(host, [])


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "-a.example", "a-.example", "a b", "a%20b", "*.example", "a\\b", "127.0.0.1.",
             "1.2.3.4.5", "999.1.1.1", "[::g]", f"{'a' * 64}.example", ".".join(["abcdefgh"] * 32)],
)  # fmt: skip
def test_what_is_not_a_host_name_is_rejected(host: str) -> None:
    with pytest.raises(NotAHostError):
        check_host(host, [])


@pytest.mark.parametrize(
    "host", ["9.9.9.9", "[2606:4700::1111]", "hooks.example", "hooks.example.", "receiver", "a_b.example",
             "xn--mnchen-3ya.de", "localhost.example", "0x7f.example"],
)  # fmt: skip
def test_what_a_resolver_decides_is_accepted(host: str) -> None:
    check_host(host, [])


def test_an_opened_network_is_accepted_with_and_without_tls() -> None:
    for host in ("127.0.0.1", "localhost"):
        for encrypted in (True, False):
            check_host(host, [LOOPBACK], encrypted=encrypted)
    check_host("localhost", [ip_network("::1/128")])


@pytest.mark.parametrize(
    ("host", "encrypted", "reason", "advice"),
    [
        ("10.0.0.1", True, "10.0.0.1 is not on the public internet",
         "The operator can permit its network in NETWORKS."),
        ("127.1", True, "127.1 resolves to 127.0.0.1, which is not on the public internet",
         "The operator can permit its network in NETWORKS."),
        ("9.9.9.9", False, "9.9.9.9 is on the public internet and is reached only by https://",
         "Use https://. The operator can permit http:// for a network in NETWORKS."),
        ("168.63.129.16", True, "168.63.129.16 is an address at which a cloud provider serves credentials",
         "No setting permits this address."),
    ],
)  # fmt: skip
def test_the_reason_and_the_advice_are_true_of_the_address(
    host: str, encrypted: bool, reason: str, advice: str
) -> None:
    with pytest.raises(NotPermittedError) as raised:
        check_host(host, [], encrypted=encrypted)
    assert (str(raised.value), raised.value.advice("NETWORKS")) == (reason, advice)
